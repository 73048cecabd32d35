using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Files of llama.cpp's quantizer, most of which mix types: generated code against the logits that llama.cpp computed in float32 of the same weights.</summary>
[Trait("Category", "Long")]
public class QuantizedModelTests
{
    private const double Bound = 1e-3;

    [SkippableTheory]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q8_0")]
    [InlineData("Q4_K_M")]
    [InlineData("Q6_K")]
    [InlineData("IQ4_NL")]
    public void GivesTheGoldenLogits(string type)
    {
        var path = Repository.Golden($"gguf-quantized/llama_wide-{type}.gguf")[..^".gguf".Length];
        using var compiled = new CompiledModel(path + ".gguf", ActivationMode.Int12, Runtime.InstructionSets.Selected.ToString());
        using var model = compiled.Load(threads: 2);
        using var golden = SafetensorsFile.Open(path + ".golden.safetensors");
        using var cases = JsonDocument.Parse(File.ReadAllBytes(path + ".golden.json"));
        var count = 0;
        foreach (var tokens in cases.RootElement.GetProperty("cases").EnumerateArray().Select(Tokens))
        {
            var actual = SessionRuns.Score(model, tokens);

            Comparison.FirstBitDifference(compiled.Expected(tokens), actual).ShouldBeNull();
            var expected = golden.Floats(golden.Require($"case{count++}.logits"));
            Comparison.NormalizedSquaredError(expected, [.. actual.SelectMany(row => row)]).ShouldBeLessThan(Bound);
        }
        count.ShouldBeGreaterThan(0);
    }

    private static int[] Tokens(JsonElement golden) => [.. golden.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];
}
