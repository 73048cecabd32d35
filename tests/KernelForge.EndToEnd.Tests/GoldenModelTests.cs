using KernelForge.Plans;
using KernelForge.Reference;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code equals the contract interpreter on models that other converters wrote.</summary>
public class GoldenModelTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("llama_bias")]
    public void EqualsTheContract(string name) => Check(TestFiles.Data(name + ".gguf"), KeyValueFormat.F16);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("gguf/llama_yarn.gguf", KeyValueFormat.Int8)]
    [InlineData("gguf/mistral.gguf", KeyValueFormat.F32)]
    [InlineData("gguf-quantized/llama_wide-Q8_0.gguf", KeyValueFormat.F16)]
    [InlineData("hostile/gguf/ok-base-bpe.gguf", KeyValueFormat.Int8)]
    public void EqualsTheContractOnTheLargerSet(string path, KeyValueFormat cache) => Check(Repository.Golden(path), cache);

    private static void Check(string path, KeyValueFormat cache)
    {
        using var compiled = new CompiledModel(path, ActivationMode.Int12, Runtime.InstructionSets.Selected.ToString());
        using var model = compiled.Load(cache, threads: 2);
        var tokens = Enumerable.Range(0, Math.Min(90, compiled.Plan.Context)).Select(i => i * 37 % compiled.Plan.Vocabulary).ToArray();

        Comparison.FirstBitDifference(compiled.Expected(tokens, cache), SessionRuns.Score(model, tokens)).ShouldBeNull();
    }
}
