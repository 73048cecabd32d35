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
