using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Reference.RandomModels;
using KernelForge.Reference.Weights;

namespace KernelForge.Formats.Tests;

/// <summary>Models in several files: they are one, and what does not belong together is refused.</summary>
public sealed class GgufSplitTests : IDisposable
{
    private const string First = "model-00001-of-00002.gguf";
    private const string Second = "model-00002-of-00002.gguf";
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_file_stands_for_all()
    {
        Write(First, 0, 2, tensors: 3, "a.weight", "b.weight");
        Write(Second, 1, 2, tensors: 3, "c.weight");
        using (var file = GgufFile.Open(_folder[First]))
        {
            file.Tensors.Select(tensor => tensor.Name).ShouldBe(["a.weight", "b.weight", "c.weight"]);
            file.Length.ShouldBe(new FileInfo(_folder[First]).Length + new FileInfo(_folder[Second]).Length);
            foreach (var tensor in file.Tensors)
            {
                file.Bytes(tensor).ToArray().ShouldAllBe(value => value == tensor.Name[0]);
                var row = new byte[file.FindWeight(tensor.Name)!.RunBytes];
                file.FindWeight(tensor.Name)!.Row(1, row).ToArray().ShouldAllBe(value => value == tensor.Name[0]);
            }
        }

        Describer.Describe(_folder[First]).Metadata.ShouldAllBe(entry => !entry.Key.StartsWith("split.", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_file_counts_for_the_identity()
    {
        Write(First, 0, 2, tensors: 2, "a.weight");
        Write(Second, 1, 2, tensors: 2, "c.weight");
        var stamp = Describer.Describe(_folder[First]).Source.Stamp;
        var bytes = File.ReadAllBytes(_folder[Second]);
        bytes[^1] ^= 1;
        File.WriteAllBytes(_folder[Second], bytes);
        Describer.Describe(_folder[First]).Source.Stamp.ShouldNotBe(stamp);
    }

    [Fact]
    public void A_later_file_names_the_first()
    {
        Write(Second, 1, 2, tensors: 2, "c.weight");
        var error = Should.Throw<ModelFormatException>(() => GgufFile.Open(_folder[Second]));
        error.Key.ShouldBe("split.no");
        error.Remedy.ShouldContain(First);
    }

    [Theory]
    [InlineData("part.gguf", 0, 2, 1, "named")]
    [InlineData("model-00001-of-00003.gguf", 0, 2, 1, "named")]
    [InlineData(First, 0, 2, 1, Second)]
    [InlineData("model-00001-of-70000.gguf", 0, 70_000, 1, "small number")]
    public void What_is_no_first_file_or_lacks_others_is_refused(string name, int number, int count, int tensors, string expected)
    {
        Write(name, number, count, tensors, "a.weight");
        Should.Throw<ModelFormatException>(() => GgufFile.Open(_folder[name])).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData(0, 2, "c.weight", "file 2 of 2")]
    [InlineData(1, 3, "c.weight", "file 2 of 2")]
    [InlineData(1, 2, "a.weight", "this tensor too")]
    [InlineData(1, 2, null, "2 tensors")]
    public void Files_that_do_not_belong_together_are_refused(int number, int count, string? tensor, string expected)
    {
        Write(First, 0, 2, tensors: 2, "a.weight");
        Write(Second, number, count, tensors: 2, tensor is null ? [] : [tensor]);
        Should.Throw<ModelFormatException>(() => GgufFile.Open(_folder[First])).Message.ShouldContain(expected);
    }

    [Fact]
    public void A_link_to_a_file_elsewhere_is_no_part_of_the_model()
    {
        Directory.CreateDirectory(_folder["model"]);
        Write("model/" + First, 0, 2, tensors: 2, "a.weight");
        Write(Second, 1, 2, tensors: 2, "c.weight");
        File.CreateSymbolicLink(_folder["model/" + Second], _folder[Second]);
        Should.Throw<ModelFormatException>(() => GgufFile.Open(_folder["model/" + First])).Message.ShouldContain("symbolic link");
    }

    [Theory]
    [InlineData(First, Second, true)]
    [InlineData(First, "other/" + Second, false)]
    [InlineData(First, "model-00002-of-00003.gguf", false)]
    [InlineData(First, "other-00002-of-00002.gguf", false)]
    [InlineData("model.gguf", Second, false)]
    public void Files_of_one_model_are_told_by_their_names(string first, string other, bool expected) =>
        GgufFile.AreOfOneModel(_folder[first], _folder[other]).ShouldBe(expected);

    private void Write(string name, int number, int count, int tensors, params string[] names)
    {
        var writer = new GgufWriter().Add("split.no", (uint)number).Add("split.count", (uint)count).Add("split.tensors.count", tensors);
        if (number == 0)
            writer.Add("general.architecture", "llama");
        foreach (var tensor in names)
            writer.Add(tensor, new SourceTensor(WeightType.F32, 2, 3, Enumerable.Repeat((byte)tensor[0], 24).ToArray()), isVector: false);
        File.WriteAllBytes(_folder[name], writer.ToArray());
    }
}
