using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>Scratch memory of the kernels. It stays in the second-level cache.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class KernelScratch
{
    /// <summary>Bytes that a kernel may use on each worker, 64-byte aligned.</summary>
    public const int Bytes = 256 * 1024;

    /// <summary>Most query rows of a tile of attention over latents. A block of latents is read once for each tile.</summary>
    public const int LatentRows = 64;

    /// <summary>The same where attention runs over latents: a block of these, queries and results of a tile, and what a few rows take beside.</summary>
    /// <param name="rank">Values of a latent.</param>
    /// <param name="rotated">Values of a rotated key.</param>
    public static int LatentBytes(int rank, int rotated)
    {
        const int panelRows = 6;
        var (padded, row) = (Padded(rank), Padded(rank + Padded(rotated)));
        var floats = (LatentRows * (row + padded + 4)) + (CachePages.Positions * row) + (panelRows * (CachePages.Positions + row));
        return Math.Max(Bytes, floats * sizeof(float));
    }

    /// <summary>Bytes of a block of positions of one key-value head that stays apart, behind <see cref="Bytes"/>: weighted values and states.</summary>
    /// <param name="rows">Query heads of a key-value head.</param>
    /// <param name="headSize">Values of a head.</param>
    public static int BlockBytes(int rows, int headSize) => rows * (Padded(headSize) + 4) * sizeof(float);

    private static int Padded(int size) => (size + 15) / 16 * 16;
}
