using System.Text.Json;
using KernelForge.Formats.Safetensors;
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
    [InlineData("checkpoints/llama", KeyValueFormat.F16)]
    public void EqualsTheContractOnTheLargerSet(string path, KeyValueFormat cache) => Check(Repository.Golden(path), cache);

    /// <summary>With float32 activations and cache nothing but the order of sums differs from the reference.</summary>
    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("cohere", "checkpoints/cohere/golden")]
    [InlineData("ernie4_5", "checkpoints/ernie4_5/golden")]
    [InlineData("gemma", "checkpoints/gemma/golden")]
    [InlineData("gemma2", "gguf/gemma2.golden")]
    [InlineData("gemma3", "gguf/gemma3.golden")]
    [InlineData("gpt_oss", "gguf/gpt_oss.golden")]
    [InlineData("granite", "checkpoints/granite/golden")]
    [InlineData("hunyuan_dense", "checkpoints/hunyuan_dense/golden")]
    [InlineData("minicpm3", "checkpoints/minicpm3/golden")]
    [InlineData("lfm2", "checkpoints/lfm2/golden")]
    [InlineData("granitemoe", "checkpoints/granitemoe/golden")]
    [InlineData("llama_yarn", "checkpoints/llama_yarn/golden")]
    [InlineData("mixtral", "checkpoints/mixtral/golden")]
    [InlineData("olmoe", "gguf/olmoe.golden")]
    [InlineData("qwen2_moe", "checkpoints/qwen2_moe/golden")]
    [InlineData("qwen3_moe", "checkpoints/qwen3_moe/golden")]
    [InlineData("mistral", "gguf/mistral.golden")]
    [InlineData("olmo2", "checkpoints/olmo2/golden")]
    [InlineData("qwen3", "checkpoints/qwen3/golden")]
    [InlineData("seed_oss", "checkpoints/seed_oss/golden")]
    [InlineData("smollm3", "checkpoints/smollm3/golden")]
    [InlineData("stablelm", "checkpoints/stablelm/golden")]
    [InlineData("starcoder2", "gguf/starcoder2.golden")]
    public void GivesTheGoldenLogits(string name, string logits) =>
        CheckLogits(Repository.Golden($"gguf/{name}.gguf"), Repository.Golden($"gguf/{name}.golden.json"), Repository.Golden(logits + ".safetensors"));

    /// <summary>Folders as their authors publish them, of architectures that no GGUF file here has.</summary>
    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("cohere2")]
    [InlineData("deepseek_v2")]
    [InlineData("deepseek_v3")]
    [InlineData("minicpm3")]
    [InlineData("dots1")]
    [InlineData("ernie4_5_moe")]
    [InlineData("exaone4")]
    [InlineData("glm")]
    [InlineData("glm4")]
    [InlineData("glm4_moe")]
    [InlineData("gpt2")]
    [InlineData("gpt_neox")]
    [InlineData("gpt_oss")]
    [InlineData("hunyuan_moe")]
    [InlineData("lfm2")]
    [InlineData("llama4")]
    [InlineData("phi")]
    [InlineData("phi3")]
    [InlineData("phimoe")]
    [InlineData("qwen2")]
    public void GivesTheGoldenLogitsOfFolders(string name)
    {
        var golden = Repository.Golden($"checkpoints/{name}/golden.json");
        CheckLogits(Path.GetDirectoryName(golden)!, golden, Path.ChangeExtension(golden, "safetensors"));
    }

    private static void CheckLogits(string path, string inputs, string logits)
    {
        using var compiled = new CompiledModel(path, ActivationMode.Float, Runtime.InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F32, threads: 2);
        using var golden = SafetensorsFile.Open(logits);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(inputs));
        var count = 0;
        foreach (var element in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var tokens = Tokens(element);
            var actual = SessionRuns.Score(model, tokens);

            Comparison.FirstBitDifference(compiled.Expected(tokens, KeyValueFormat.F32), actual).ShouldBeNull();
            var expected = golden.Floats(golden.Require($"case{count++}.logits"));
            Comparison.Relative(Array.ConvertAll(expected, x => (double)x), actual.SelectMany(row => row).Select(x => (double)x)).ShouldBeLessThan(2e-4);
            CheckGreedy(model, tokens, element);
        }

        count.ShouldBeGreaterThan(0);
    }

    /// <summary>What the reference continues with, as far as its margin decides.</summary>
    private static void CheckGreedy(LanguageModel model, int[] tokens, JsonElement golden)
    {
        if (!golden.TryGetProperty("greedy", out var greedy))
            return;
        using var session = model.CreateSession();
        var best = session.PrefillGreedy(tokens);
        foreach (var (expected, _) in greedy.EnumerateArray().Zip(golden.GetProperty("greedy_margin").EnumerateArray()).TakeWhile(step => step.Second.GetDouble() > 1e-3))
        {
            best.ShouldBe(expected.GetInt32(), $"after {session.Length} tokens");
            best = session.DecodeGreedy(best);
        }
    }

    private static int[] Tokens(JsonElement golden) => [.. golden.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];

    private static void Check(string path, KeyValueFormat cache)
    {
        using var compiled = new CompiledModel(path, ActivationMode.Int12, Runtime.InstructionSets.Selected.ToString());
        using var model = compiled.Load(cache, threads: 2);
        var tokens = Enumerable.Range(0, Math.Min(90, compiled.Plan.Context)).Select(i => i * 37 % compiled.Plan.Vocabulary).ToArray();

        Comparison.FirstBitDifference(compiled.Expected(tokens, cache), SessionRuns.Score(model, tokens)).ShouldBeNull();
    }
}
