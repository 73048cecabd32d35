using KernelForge.Formats.Description;
using KernelForge.Manifests;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Formats.Tests;

public class DescriberTests
{
    [Fact]
    public void The_default_model_is_described_without_its_vocabulary()
    {
        var manifest = Describer.Describe(Repository.SmolLM2);

        manifest.Architecture.ShouldBe("llama");
        manifest.Source.FileName.ShouldBe("SmolLM2-135M-Instruct.Q4_1.gguf");
        manifest.Source.Length.ShouldBe(98_362_432);
        manifest.Tensors.Count.ShouldBe(272);
        manifest.FindTensor("token_embd.weight")!.Shape.ShouldBe([49_152, 576]);
        manifest.Find("llama.embedding_length").ShouldBe(new MetadataEntry("llama.embedding_length", MetadataType.Integer, "576"));
        manifest.Find("kernelforge.vocabulary")!.Text.ShouldBe("49152");
        manifest.Find("kernelforge.token.eos")!.Text.ShouldBe("<|im_end|>");
        manifest.Find("tokenizer.chat_template")!.Text.ShouldContain("im_start");
        manifest.Metadata.Select(entry => entry.Key).ShouldBe(manifest.Metadata.Select(entry => entry.Key).Order(StringComparer.Ordinal));
        manifest.Metadata.ShouldAllBe(entry => entry.Text.Length < 5000);
    }

    [Fact]
    public void Any_changed_byte_of_the_header_or_of_a_small_file_changes_the_stamp()
    {
        using var folder = new ScratchFolder();
        var model = RandomModel.Create(11);
        var path = model.Save(folder.Root);
        var stamp = Describer.Describe(path).Source.Stamp;
        Describer.Describe(path).Source.Stamp.ShouldBe(stamp);

        var altered = (byte[])model.File.Clone();
        altered[^40] ^= 1;
        File.WriteAllBytes(path, altered);
        Describer.Describe(path).Source.Stamp.ShouldNotBe(stamp);
    }
}
