using System.Text.Json;
using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Formats.HuggingFace;
using KernelForge.Manifests;

namespace KernelForge.Graph.Tests;

/// <summary>Every malformed model of the reference set whose defect shows in its hyper-parameters or tensors is refused with words; the odd but valid ones compile.</summary>
[Trait("Category", "Long")]
public sealed class HostileModelTests
{
    [SkippableTheory]
    [InlineData("gguf", 40)]
    [InlineData("model_dir", 20)]
    public void Model_defects_are_refused_and_valid_oddities_are_not(string format, int atLeast)
    {
        var root = Repository.Golden("hostile");
        using var cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "manifest.json")));
        var wrong = new List<string>();
        var count = 0;
        foreach (var hostile in cases.RootElement.EnumerateArray())
        {
            var file = hostile.GetProperty("file").GetString()!;
            if (hostile.GetProperty("stage").GetString() != "model" || hostile.GetProperty("format").GetString() != format || hostile.TryGetProperty("links", out _))
                continue;
            count++;
            var refusal = Refusal(Path.Combine(root, file));
            if ((refusal is null) != (hostile.GetProperty("expected").GetString() == "ok"))
                wrong.Add($"{file} ({hostile.GetProperty("defect").GetString()}): {refusal ?? "accepted"}");
        }

        wrong.ShouldBeEmpty();
        count.ShouldBeGreaterThanOrEqualTo(atLeast);
    }

    private static string? Refusal(string path)
    {
        try
        {
            var result = PlanCompiler.Compile(Describe(path), new());
            return result.Plan is null ? result.Problems.First(problem => problem.IsError).Message : null;
        }
        catch (ModelFormatException error)
        {
            return error.Message;
        }
    }

    private static Manifest Describe(string path)
    {
        if (!Directory.Exists(path))
            return Describer.Describe(path);
        using var folder = HuggingFaceFolder.Open(path);
        return folder.Manifest;
    }
}
