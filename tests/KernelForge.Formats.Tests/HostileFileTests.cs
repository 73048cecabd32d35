using KernelForge.Formats.Decoding;
using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Tests;

/// <summary>Malformed files are refused with an error that names the file; odd but valid ones open.</summary>
public class HostileFileTests
{
    [Fact]
    public void A_selection_of_malformed_files_is_refused_and_odd_ones_open() => Check(TestFiles.Data("hostile"));

    [SkippableFact]
    [Trait("Category", "Long")]
    public void All_malformed_files_are_refused_and_odd_ones_open()
    {
        var folder = Repository.Golden("hostile");
        Check(folder);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_refused()
    {
        Should.Throw<ModelFormatException>(() => GgufFile.Open("no/such.gguf")).Message.ShouldContain("no such file");
        Should.Throw<ModelFormatException>(() => GgufFile.Open(AppContext.BaseDirectory));
        Should.Throw<ModelFormatException>(() => SafetensorsFile.Open("no/such.safetensors"));
    }

    [Fact]
    public void Control_characters_of_a_file_do_not_reach_the_message()
    {
        new ModelFormatException("f", "p", "a\u001b[31mb\n").Message.ShouldNotContain('\u001b');
    }

    private static void Check(string folder)
    {
        var cases = TestFiles.HostileCases(folder).Where(hostile => hostile.Format is "gguf" or "safetensors").ToList();
        cases.Count.ShouldBeGreaterThan(50);
        var wrong = cases.Select(hostile => (hostile.File, Problem: Judge(folder, hostile))).Where(result => result.Problem is not null).ToList();
        wrong.ShouldBeEmpty();
    }

    private static string? Judge(string folder, HostileCase hostile)
    {
        var path = Path.Combine(folder, hostile.File);
        string? refusal = null;
        try
        {
            if (hostile.Format == "gguf")
                ReadGguf(path, withWeights: hostile.Stage == "weights");
            else
                SafetensorsFile.Open(path).Dispose();
        }
        catch (ModelFormatException error)
        {
            refusal = error.Message;
        }

        // Later stages (hyper-parameters, tokenizer, template) are for other rooms to refuse; here they must only not do harm.
        return (hostile.Expected, hostile.Stage, refusal) switch
        {
            ("ok", _, not null) => $"{hostile.Defect}: valid, and refused: {refusal}",
            ("error", "parse" or "weights", null) => $"{hostile.Defect}: accepted",
            (_, _, not null) when !refusal.Contains(path, StringComparison.Ordinal) => $"{hostile.Defect}: the message does not name the file",
            _ => null,
        };
    }

    private static void ReadGguf(string path, bool withWeights)
    {
        using var file = GgufFile.Open(path);
        Describer.Describe(file);
        if (withWeights)
            WeightCheck.Check(file);
    }
}
