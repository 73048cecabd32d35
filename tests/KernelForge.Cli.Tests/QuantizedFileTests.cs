using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference;

namespace KernelForge.Cli.Tests;

/// <summary>A file whose types kernels do not run: the commands say what became of them, and the logits are those of the stored weights.</summary>
[Collection("kforge")]
public class QuantizedFileTests(Kforge kforge)
{
    private const string Conversions = @"Q4_K runs as Q4_1: 13 tensors, largest relative error [1-6]\.\de-04 \(blk[^)]*\)\s+Q6_K runs as F16: 3 tensors, largest relative error [1-3]\.\de-04";

    [SkippableFact]
    public void Pack_and_inspect_report_conversions()
    {
        var model = Repository.Golden("gguf-quantized/llama_wide-Q4_K_M.gguf");
        Run("pack", model, "-o", kforge["quantized.kfw"]).ShouldMatch(Conversions);
        Run("pack", model, "-o", kforge["quantized.kfw"]).ShouldNotContain("runs as");
        Run("inspect", model).ShouldMatch(Conversions);
    }

    [SkippableFact]
    public void Logits_are_those_of_the_stored_weights()
    {
        var model = Repository.Golden("gguf-quantized/llama_wide-Q4_K_M.gguf");
        using var golden = SafetensorsFile.Open(Path.ChangeExtension(model, ".golden.safetensors"));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(model, ".golden.json")));
        var ids = cases.RootElement.GetProperty("cases")[1].GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32());

        Run("logits", model, "--ids", string.Join(',', ids), "--out", kforge["quantized.safetensors"]);

        using var logits = SafetensorsFile.Open(kforge["quantized.safetensors"]);
        Comparison.NormalizedSquaredError(golden.Floats(golden.Require("case1.logits")), logits.Floats(logits.Require("logits"))).ShouldBeLessThan(1e-3);
    }

    private static string Run(params string[] args)
    {
        var (code, output, error) = Kforge.Run(args);
        code.ShouldBe(0, error);
        return output;
    }
}
