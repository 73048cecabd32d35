using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Runtime;

/// <summary>How fast this machine reads memory now: what decoding, which reads all weights for every token, cannot exceed.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class MemoryRoof
{
    private const nint Line = 64;

    /// <summary>Bytes per second that the threads of <paramref name="threads"/> read from fresh memory: the best of <paramref name="rounds"/> sequential reads.</summary>
    public static double Measure(int threads, long bytes = 1L << 30, int rounds = 5)
    {
        using var team = new ThreadTeam(threads);
        return Measure(team, bytes, rounds);
    }

    /// <summary>The same, by the threads of a team.</summary>
    internal static double Measure(ThreadTeam team, long bytes = 1L << 30, int rounds = 5)
    {
        using var memory = new NativeBuffer((nint)bytes);

        // Pages that were never written are all one page of zeros.
        NativeMemory.Fill(memory.Pointer, (nuint)bytes, 1);
        return Measure(team, memory.Pointer, (nint)bytes, 1, rounds);
    }

    /// <summary>Bytes per second that the model's own threads read its own weights with, again and again until 1 GiB is read.</summary>
    public static double Measure(LanguageModel model)
    {
        var length = (nint)model.Description.WeightBytes;
        var repeats = (int)Math.Max(1, (1L << 30) / Math.Max(1, length));
        return model.WithTeam((team, weights) => Measure(team, (byte*)weights, length, repeats, rounds: 3));
    }

    private static double Measure(ThreadTeam team, byte* start, nint bytes, int repeats, int rounds)
    {
        var share = bytes / team.Workers / (4 * Line) * (4 * Line);
        var sums = new long[team.Workers * 16];
        var best = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            team.Run(worker =>
            {
                for (var repeat = 0; repeat < repeats; repeat++)
                    sums[worker * 16] += Read(start + (worker * share), share);
            });
            best = Math.Max(best, (double)share * team.Workers * repeats / Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Read(byte* p, nint bytes)
    {
        var a = Vector256<long>.Zero;
        var b = Vector256<long>.Zero;
        for (nint i = 0; i < bytes; i += 2 * Line)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(Ahead(p + i));
                Sse.Prefetch0(Ahead(p + i + Line));
            }
            a += Vector256.Load((long*)(p + i));
            b += Vector256.Load((long*)(p + i + 32));
            a += Vector256.Load((long*)(p + i + 64));
            b += Vector256.Load((long*)(p + i + 96));
        }
        return Vector256.Sum(a + b);
    }

    // The order in which the kernels fetch (ReadAhead there): the next 32 KB, from eight pages in turn.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Ahead(byte* p) =>
        (byte*)(((nint)p & ~(nint)0x7FFF) + 0x8000 + (((nint)p >> 3) & 0xFC0) + (((nint)p << 6) & 0x7000));
}
