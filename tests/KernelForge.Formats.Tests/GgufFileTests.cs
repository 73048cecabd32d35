using KernelForge.Formats.Gguf;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Formats.Tests;

public class GgufFileTests
{
    [Fact]
    public void Metadata_and_tensors_are_found_as_they_were_written()
    {
        using var folder = new ScratchFolder();
        var model = RandomModel.Create(3);
        using var file = GgufFile.Open(model.Save(folder.Root));

        file.Version.ShouldBe(3);
        file.Require("general.architecture").Text().ShouldBe("llama");
        file.Require("llama.block_count").Integer().ShouldBe(model.Shape.Layers);
        file.Require("llama.attention.layer_norm_rms_epsilon").FloatText().ShouldBe("1E-05");
        file.Require("tokenizer.ggml.tokens").Count.ShouldBe(model.Shape.Vocabulary);
        file.Require("tokenizer.ggml.tokens").Text(1).ShouldBe("<|end|>");
        file.Require("tokenizer.ggml.token_type").Integer(0).ShouldBe(3);
        foreach (var tensor in file.Tensors)
        {
            var expected = model.Tensor(tensor.Name);
            (tensor.Type.Id, tensor.Rows, tensor.Columns).ShouldBe(((int)expected.Type, expected.Rows, expected.Columns));
            file.Bytes(tensor).SequenceEqual(expected.Bytes.Span).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_value_of_another_type_is_an_error_that_names_the_key()
    {
        using var folder = new ScratchFolder();
        using var file = GgufFile.Open(RandomModel.Create(3).Save(folder.Root));

        Should.Throw<ModelFormatException>(() => file.Require("general.architecture").Integer()).Key.ShouldBe("general.architecture");
        Should.Throw<ModelFormatException>(() => file.Require("llama.block_count").Text()).Key.ShouldBe("llama.block_count");
        Should.Throw<ModelFormatException>(() => file.Require("llama.block_count").Float()).Key.ShouldBe("llama.block_count");
        Should.Throw<ModelFormatException>(() => file.Require("no.such.key")).Key.ShouldBe("no.such.key");
    }

    [Fact]
    public void Every_truncation_of_the_header_is_refused_and_no_byte_flip_crashes()
    {
        using var folder = new ScratchFolder();
        var whole = RandomModel.Create(5).File;
        long dataOffset;
        File.WriteAllBytes(folder["whole.gguf"], whole);
        using (var file = GgufFile.Open(folder["whole.gguf"]))
            dataOffset = file.DataOffset;

        var random = new Random(1);
        for (var round = 0; round < 150; round++)
        {
            var cut = folder[$"cut{round}.gguf"];
            File.WriteAllBytes(cut, whole[..random.Next(0, (int)dataOffset)]);
            Should.Throw<ModelFormatException>(() => GgufFile.Open(cut).Dispose());

            var altered = (byte[])whole.Clone();
            altered[random.Next((int)dataOffset)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(cut, altered);
            OpenOrRefuse(cut);
        }
    }

    private static void OpenOrRefuse(string path)
    {
        try
        {
            using var file = GgufFile.Open(path);
            Description.Describer.Describe(file);
        }
        catch (ModelFormatException)
        {
            // Refusing is as good as reading: what must not happen is any other exception.
        }
    }
}
