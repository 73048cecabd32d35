using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelForge.Runtime;

namespace KernelForge.Benchmarks;

/// <summary>What one core of this machine can do now.</summary>
/// <param name="BytesPerSecond">Sequential prefetched reads of memory.</param>
/// <param name="IntegerOperations">Products of unsigned and signed bytes with their sums, in registers, per second; 0 where there is no loop for the processor.</param>
/// <param name="FloatOperations">Fused multiply-adds of binary32 (two operations each), in registers, per second.</param>
public sealed record Roofs(double BytesPerSecond, double IntegerOperations, double FloatOperations)
{
    private const int Steps = 20_000_000;

    public static Roofs Measure() => new(MemoryRoof.Measure(threads: 1), Best(Integers, 8L * Vector<byte>() * 2), Best(Floats, 8L * Vector<float>() * 2));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"One core of this machine: reads {BytesPerSecond / 1e9:F1} GB/s, {IntegerOperations / 1e9:F0} INT8 GOPS (maddubs), {FloatOperations / 1e9:F0} binary32 GFLOPS");

    private static int Vector<T>() => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported ? Vector512<T>.Count : Vector256<T>.Count;

    private static double Best(Func<int> loop, long operationsPerStep)
    {
        var best = 0.0;
        for (var round = 0; round < 6; round++)
        {
            var start = Stopwatch.GetTimestamp();
            if (loop() == 0)
            {
                return 0;
            }
            best = Math.Max(best, operationsPerStep * (double)Steps / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Integers()
    {
        if (Avx512BW.IsSupported)
        {
            var u = Vector512.Create((byte)3);
            Vector512<short> a = Vector512.Create((short)1), b = Vector512.Create((short)2), c = Vector512.Create((short)3), d = Vector512.Create((short)4), e = Vector512.Create((short)5), f = Vector512.Create((short)6), g = Vector512.Create((short)7), h = Vector512.Create((short)8);
            for (var i = 0; i < Steps; i++)
            {
                a = Avx512BW.AddSaturate(a, Avx512BW.MultiplyAddAdjacent(u, a.AsSByte()));
                b = Avx512BW.AddSaturate(b, Avx512BW.MultiplyAddAdjacent(u, b.AsSByte()));
                c = Avx512BW.AddSaturate(c, Avx512BW.MultiplyAddAdjacent(u, c.AsSByte()));
                d = Avx512BW.AddSaturate(d, Avx512BW.MultiplyAddAdjacent(u, d.AsSByte()));
                e = Avx512BW.AddSaturate(e, Avx512BW.MultiplyAddAdjacent(u, e.AsSByte()));
                f = Avx512BW.AddSaturate(f, Avx512BW.MultiplyAddAdjacent(u, f.AsSByte()));
                g = Avx512BW.AddSaturate(g, Avx512BW.MultiplyAddAdjacent(u, g.AsSByte()));
                h = Avx512BW.AddSaturate(h, Avx512BW.MultiplyAddAdjacent(u, h.AsSByte()));
            }
            return Vector512.Sum(a + b + c + d + e + f + g + h) | 1;
        }
        if (Avx2.IsSupported)
        {
            var u = Vector256.Create((byte)3);
            Vector256<short> a = Vector256.Create((short)1), b = Vector256.Create((short)2), c = Vector256.Create((short)3), d = Vector256.Create((short)4), e = Vector256.Create((short)5), f = Vector256.Create((short)6), g = Vector256.Create((short)7), h = Vector256.Create((short)8);
            for (var i = 0; i < Steps; i++)
            {
                a = Avx2.AddSaturate(a, Avx2.MultiplyAddAdjacent(u, a.AsSByte()));
                b = Avx2.AddSaturate(b, Avx2.MultiplyAddAdjacent(u, b.AsSByte()));
                c = Avx2.AddSaturate(c, Avx2.MultiplyAddAdjacent(u, c.AsSByte()));
                d = Avx2.AddSaturate(d, Avx2.MultiplyAddAdjacent(u, d.AsSByte()));
                e = Avx2.AddSaturate(e, Avx2.MultiplyAddAdjacent(u, e.AsSByte()));
                f = Avx2.AddSaturate(f, Avx2.MultiplyAddAdjacent(u, f.AsSByte()));
                g = Avx2.AddSaturate(g, Avx2.MultiplyAddAdjacent(u, g.AsSByte()));
                h = Avx2.AddSaturate(h, Avx2.MultiplyAddAdjacent(u, h.AsSByte()));
            }
            return Vector256.Sum(a + b + c + d + e + f + g + h) | 1;
        }
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Floats() => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported ? Floats512() : Floats256();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Floats512()
    {
        var x = Vector512.Create(0.5f);
        Vector512<float> a = x + Vector512.Create(1f), b = x + Vector512.Create(2f), c = x + Vector512.Create(3f), d = x + Vector512.Create(4f), e = x + Vector512.Create(5f), f = x + Vector512.Create(6f), g = x + Vector512.Create(7f), h = x + Vector512.Create(8f);
        for (var i = 0; i < Steps; i++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
        }
        return (int)Vector512.Sum(a + b + c + d + e + f + g + h) | 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Floats256()
    {
        var x = Vector256.Create(0.5f);
        Vector256<float> a = x + Vector256.Create(1f), b = x + Vector256.Create(2f), c = x + Vector256.Create(3f), d = x + Vector256.Create(4f), e = x + Vector256.Create(5f), f = x + Vector256.Create(6f), g = x + Vector256.Create(7f), h = x + Vector256.Create(8f);
        for (var i = 0; i < Steps; i++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
        }
        return (int)Vector256.Sum(a + b + c + d + e + f + g + h) | 1;
    }
}
