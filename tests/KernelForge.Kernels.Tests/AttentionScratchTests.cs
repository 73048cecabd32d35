using KernelForge.Compilation;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>The widest head that a plan may have fits the scratch that every worker has.</summary>
public class AttentionScratchTests
{
    [Fact]
    public void Every_head_that_can_be_planned_fits_the_scratch()
    {
        for (var headSize = 2; headSize <= PlanCompiler.LargestHead; headSize++)
            ScratchBytes(headSize).ShouldBeLessThanOrEqualTo(KernelScratch.Bytes, $"heads of {headSize}");
    }

    [Theory]
    [InlineData(20, 6)]
    [InlineData(256, 32)]
    [InlineData(512, 64)]
    [InlineData(1500, 96)]
    public void Latents_fit_the_scratch_that_is_asked_for_them(int rank, int rotated)
    {
        var length = LatentStore.RowLength(rank, rotated);
        var tile = KernelScratch.LatentRows * (length + CachedHead.PaddedSize(rank) + Softmax.StateLength);
        var floats = tile + (CachePages.Positions * length) + (Panel.Rows * (CachePages.Positions + length));
        KernelScratch.LatentBytes(rank, rotated).ShouldBe(Math.Max(KernelScratch.Bytes, floats * sizeof(float)));
    }

    // What Attention.Tile, AttentionTile.Run and AttentionTile.Block take, one after another.
    private static int ScratchBytes(int headSize)
    {
        var padded = CachedHead.PaddedSize(headSize);
        var rows = AttentionTile.Rows(headSize);
        var tile = rows * (headSize + padded + Softmax.StateLength);
        var block = (headSize + padded) * CachePages.Positions;
        var panel = Panel.Rows * (CachePages.Positions + padded);
        return (tile + block + panel) * sizeof(float);
    }
}
