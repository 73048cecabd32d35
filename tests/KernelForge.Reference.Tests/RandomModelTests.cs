using KernelForge.Reference.RandomModels;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

public class RandomModelTests
{
    [Fact]
    public void TheSameSeedGivesTheSameFile() => RandomModel.Create(7).File.ShouldBe(RandomModel.Create(7).File);

    [Fact]
    public void SeedsCoverEveryTypeScalingAndOption()
    {
        var shapes = Enumerable.Range(1, 60).Select(seed => RandomModel.Create(seed).Shape).ToArray();

        foreach (var scaling in Enum.GetValues<RandomScaling>())
            shapes.ShouldContain(shape => shape.Scaling == scaling);
        foreach (var type in SourceTensor.Types)
            shapes.ShouldContain(shape => shape.Types.Contains(type) && shape.Width % 32 == 0);
        shapes.ShouldContain(shape => shape.Window > 0);
        shapes.ShouldContain(shape => shape.Tied);
        shapes.ShouldContain(shape => shape.KeyValueHeads == 1);
        shapes.ShouldContain(shape => shape.AttentionBias && !shape.OtherBiases);
        shapes.ShouldContain(shape => shape.OtherBiases);
        shapes.ShouldContain(shape => shape.HeadSize % 32 != 0);
        shapes.ShouldContain(shape => shape.Width % 32 != 0);
    }
}
