using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.Cli.Measuring;

/// <summary>The memory roof: how fast these threads can read memory one byte after another when they do nothing else.</summary>
internal static unsafe class MemoryRoof
{
    private const long Bytes = 1L << 30;
    private const int Rounds = 5;

    // 4 KiB ahead is enough to hide the latency of memory on every machine measured, and less than a page of the next tile.
    private const int Ahead = 4096;

    /// <summary>GB/s of the best of five sequential reads of 1 GiB, each thread its own stretch.</summary>
    public static double Measure(ThreadTeam team, CancellationToken cancellation)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes + Ahead, 4096);
        try
        {
            var share = (nint)(Bytes / team.Workers) & ~4095;
            var sink = new ulong[team.Workers];
            team.Run(worker => NativeMemory.Fill(memory + (worker * share), (nuint)share, (byte)(worker + 1)));
            var best = 0.0;
            for (var round = 0; round < Rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                team.Run(worker => sink[worker] ^= Read(memory + (worker * share), share));
                best = Math.Max(best, (double)share * team.Workers / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
            }
            GC.KeepAlive(sink);
            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Read(byte* start, nint count)
    {
        Vector256<ulong> a = default, b = default, c = default, d = default;
        for (var p = start; p < start + count; p += 128)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(p + Ahead);
                Sse.Prefetch0(p + Ahead + 64);
            }
            a ^= Vector256.Load((ulong*)p);
            b ^= Vector256.Load((ulong*)(p + 32));
            c ^= Vector256.Load((ulong*)(p + 64));
            d ^= Vector256.Load((ulong*)(p + 96));
        }
        return Vector256.Sum(a ^ b ^ c ^ d);
    }
}
