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
    [InlineData("llama_wide-Q4_0")]
    [InlineData("llama_wide-Q4_1")]
    [InlineData("llama_wide-Q8_0")]
    [InlineData("llama_wide-Q4_K_M")]
    [InlineData("llama_wide-Q6_K")]
    [InlineData("llama_wide-IQ4_NL")]
    [InlineData("qwen3_moe_wide-Q4_0")]
    [InlineData("qwen3_moe_wide-Q4_K_M")]
    [InlineData("qwen3_moe_wide-MXFP4_MOE")]
    public void GivesTheGoldenLogits(string name)
    {
        var path = Repository.Golden($"gguf-quantized/{name}.gguf")[..^".gguf".Length];
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
