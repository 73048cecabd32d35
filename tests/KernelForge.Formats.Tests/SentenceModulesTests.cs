using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Tests.Checkpoints;

namespace KernelForge.Formats.Tests;

/// <summary>Modules of sentence-transformers name folders of their own: below the model's, whatever way the name takes.</summary>
public class SentenceModulesTests
{
    [Theory]
    [InlineData("1_Pooling")]
    [InlineData("1_Pooling/")]
    public void A_folder_below_is_read(string path)
    {
        using var folder = Folder(path);
        folder.Open().Dispose();
    }

    // Copied, such a file would end outside of the folder that is written.
    [Theory]
    [InlineData("../NAME/1_Pooling")]
    [InlineData("1_Pooling/../../NAME/1_Pooling")]
    [InlineData("ROOT/1_Pooling")]
    [InlineData("./1_Pooling")]
    public void A_name_that_goes_up_is_refused_even_where_it_comes_back(string path)
    {
        using var folder = Folder(path);
        var error = Should.Throw<ModelFormatException>(folder.Open);
        error.Key.ShouldBe("[0].path");
        error.Message.ShouldContain("1_Pooling");
    }

    private static CheckpointFolder Folder(string path)
    {
        var folder = CheckpointFolder.Llama("gptq4_sym", """{"quant_method": "gptq", "bits": 4, "group_size": 32}""");
        var pooling = Directory.CreateDirectory(Path.Combine(folder.Path, "1_Pooling")).FullName;
        File.WriteAllText(Path.Combine(pooling, "config.json"), """{"pooling_mode_mean_tokens": true}""");
        path = path.Replace("ROOT", folder.Path).Replace("NAME", Path.GetFileName(folder.Path));
        File.WriteAllText(Path.Combine(folder.Path, "modules.json"), $$"""[{"type": "sentence_transformers.models.Pooling", "path": "{{path}}"}]""");
        return folder;
    }
}
