using static KernelForge.Runtime.Tests.PackedFileWriter;

namespace KernelForge.Runtime.Tests;

/// <summary>An encoder of images of 2 x 2 patches of 2 x 2 pixels with 3 channels: a patch's state is what it is given; the pooled value is the state of the first patch, negated.</summary>
internal sealed unsafe class FakeVision : VisionModel
{
    private const int States = 12;

    private FakeVision(ModelDescription description, ModelOptions options) : base(description, options)
    {
    }

    /// <summary>Patches of each pass so far.</summary>
    public List<int> Passes { get; } = [];

    public static FakeVision Load(ScratchFolder folder, int chunk = 256)
    {
        var path = folder.Write($"{Guid.NewGuid():N}.kfw", Build(PlanHash, ("weights", new byte[64])));
        ModelOutput[] outputs = [new("last_hidden_state", States, IsPooled: false), new("pooler_output", States, IsPooled: true)];
        var description = Describe("Fake", 0, 4) with { DefaultCache = KeyValueFormat.F32, Image = new ImageShape(3, 2, 2), KeptPageBytes = [64, 64, 64], Outputs = outputs };
        return new FakeVision(description, new ModelOptions { WeightsPath = path, Threads = 2, PrefillChunk = chunk });
    }

    protected override void Forward(ForwardPass pass, int worker)
    {
        if (worker != 0)
            return;
        Passes.Add((int)pass.Tokens);
        new ReadOnlySpan<float>(pass.Given, (int)pass.Tokens * States).CopyTo(new Span<float>(pass.Outputs[0], (int)pass.Tokens * States));
        for (nint i = 0; i < pass.SequenceCount; i++)
        {
            // What is kept of all patches is asked by one row of its own.
            var (keeping, kept) = (pass.Keeping[i], pass.Kept[i]);
            (keeping.FirstRow, keeping.Rows, kept.FirstRow, kept.Rows, kept.Position).ShouldBe((i * 4, 4, i, 1, 3));
            (kept.Pages[0] == keeping.Pages[0]).ShouldBeTrue();
            for (nint d = 0; d < States; d++)
                ((float*)pass.Outputs[1])[(i * States) + d] = -pass.Given[(pass.LogitRows[i] * States) + d];
        }
    }
}
