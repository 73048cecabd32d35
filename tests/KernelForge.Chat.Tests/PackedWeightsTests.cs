using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Formats.Packing;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Chat.Tests;

/// <summary>Weights that are missing, damaged or of another build: said with the file's name, before anything is answered.</summary>
public sealed class PackedWeightsTests : IDisposable
{
    private const string Weights = "KernelForge.Chat.SmolLM2.kfw";
    private readonly ScratchFolder _folder = new();

    public PackedWeightsTests()
    {
        foreach (var file in Directory.EnumerateFiles(ChatProgram.Folder).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, _folder[Path.GetFileName(file)]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Missing() => Refused().ShouldContain("were not found");

    [Fact]
    public void Cut() => RefusedWith(header => { }, length: 1 << 20).ShouldContain("cut");

    [Fact]
    public void Of_no_length() => RefusedWith(header => { }, length: 0).ShouldContain("shorter than a header");

    [Fact]
    public void With_a_damaged_header() => RefusedWith(header => header[100] ^= 1).ShouldContain("damaged header");

    [Fact]
    public void Of_another_version() => RefusedWith(header => header[8] = 99).ShouldContain("format version 99");

    [Fact]
    public void Of_no_packed_file_at_all() => RefusedWith(header => header.Clear()).ShouldContain("no packed file");

    [Fact]
    public void Of_another_plan()
    {
        var model = RandomModel.Create(1).Save(_folder.Root);
        var plan = PlanCompiler.Compile(Describer.Describe(model), new()).Plan!;
        Packer.Pack(plan, model, _folder[Weights]);
        Refused().ShouldContain("another plan");
    }

    private string RefusedWith(SpanAction change, long? length = null)
    {
        // The header decides; a file of the right length without its weights is enough.
        using (var original = File.OpenRead(Path.Combine(ChatProgram.Folder, Weights)))
        using (var file = File.Create(_folder[Weights]))
        {
            var header = new byte[4096];
            original.ReadExactly(header);
            change(header);
            file.Write(header);
            file.SetLength(length ?? original.Length);
        }
        return Refused();
    }

    private string Refused()
    {
        var result = ChatProgram.RunIn(_folder.Root, "Say A.");
        result.Output.ShouldBeEmpty();
        var error = result.ShouldRefuse(1);
        error.ShouldContain(Weights);
        return error;
    }

    private delegate void SpanAction(Span<byte> header);
}
