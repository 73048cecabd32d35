namespace KernelForge.Kernels;

/// <summary>Quantized weights times one token's quantized activations: reads the weights once, from front to back, at the speed of memory.</summary>
[KernelTemplate]
public static unsafe class MatVecInt
{
    /// <summary>One tile of 32 rows times one token.</summary>
    /// <param name="layout">Int4, Int4Minimum or Int8.</param>
    /// <param name="activations">Int8 or Int12.</param>
    /// <param name="w">The tile.</param>
    /// <param name="units">Columns / 32, rounded up.</param>
    /// <param name="a">The quantized row.</param>
    /// <param name="sums">[32] results.</param>
    public static void Tile([Constant] WeightLayout layout, [Constant] ActivationLayout activations, byte* w, nint units, byte* a, float* sums)
    {
        var vectors = PackedUnit.Length / Simd.Width;
        var scales = (float*)(a + (units * Quantization.CodeBytes(activations)));
        for (nint first = 0; first < units; first += PackedUnit.UnitsPerSegment)
        {
            var end = units - first < PackedUnit.UnitsPerSegment ? units : first + PackedUnit.UnitsPerSegment;
            var acc = new Registers<FloatVector>(vectors);
            foreach (var v in Unroll.Range(vectors))
                acc[v] = Simd.Zero();
            for (var unit = first; unit < end; unit++)
            {
                foreach (var line in Unroll.Range(PackedUnit.Bytes(layout) / 64))
                    Simd.Prefetch(ReadAhead.Of(w + (line * 64)));
                var sum = new Registers<IntVector>(vectors);
                Products(layout, w + PackedUnit.HeaderBytes(layout), a + (unit * Quantization.CodeBytes(activations)), ref sum);
                if (activations == ActivationLayout.Int12)
                {
                    var low = new Registers<IntVector>(vectors);
                    Products(layout, w + PackedUnit.HeaderBytes(layout), a + (unit * Quantization.CodeBytes(activations)) + Quantization.BlockLength, ref low);
                    foreach (var v in Unroll.Range(vectors))
                        sum[v] = Simd.AddInt(Simd.Times16(sum[v]), low[v]);
                }

                var scale = Simd.Broadcast(scales[unit]);
                var offset = Simd.BroadcastInt(PackedUnit.CodeOffset(layout) * ((int*)scales)[units + unit]);
                foreach (var v in Unroll.Range(vectors))
                {
                    var products = PackedUnit.CodeOffset(layout) == 0 ? sum[v] : Simd.SubtractInt(sum[v], offset);
                    var product = Simd.Multiply(Simd.LoadHalf(w + (v * Simd.Width * 2)), scale);
                    acc[v] = Simd.MultiplyAdd(Simd.ToFloat(products), product, acc[v]);
                    if (layout == WeightLayout.Int4Minimum)
                        acc[v] = Simd.MultiplyAdd(Simd.LoadHalf(w + 64 + (v * Simd.Width * 2)), Simd.Broadcast(scales[(2 * units) + unit]), acc[v]);
                }

                w += PackedUnit.Bytes(layout);
            }

            foreach (var v in Unroll.Range(vectors))
            {
                var s = sums + (v * Simd.Width);
                Simd.Store(s, first == 0 ? acc[v] : Simd.Add(Simd.Load(s), acc[v]));
            }
        }
    }

    private static void Products([Constant] WeightLayout layout, byte* codes, byte* a, ref Registers<IntVector> sum)
    {
        if (layout == WeightLayout.Int8)
            BytesTimes(codes, a, ref sum);
        else
            NibblesTimes(codes, a, ref sum);
    }

    private static void NibblesTimes(byte* codes, byte* a, ref Registers<IntVector> sum)
    {
        var pieces = 16 / Simd.Width; // each holds Width rows of the lower and Width of the upper half
        foreach (var j in Unroll.Range(UnpackedTile.Groups))
        {
            var x = Simd.Broadcast4(a + (4 * j));
            foreach (var p in Unroll.Range(pieces))
            {
                var u = Simd.LoadBytes(codes + (64 * j) + (p * UnpackedTile.Vector));
                sum[p] = j == 0 ? Simd.DotNibbles(Simd.LowNibbles(u), x) : Simd.AddDotNibbles(sum[p], Simd.LowNibbles(u), x);
                sum[pieces + p] = j == 0 ? Simd.DotNibbles(Simd.HighNibbles(u), x) : Simd.AddDotNibbles(sum[pieces + p], Simd.HighNibbles(u), x);
            }
        }

        foreach (var v in Unroll.Range(2 * pieces))
            sum[v] = Simd.NibbleSums(sum[v]);
    }

    private static void BytesTimes(byte* codes, byte* a, ref Registers<IntVector> sum)
    {
        foreach (var v in Unroll.Range(PackedUnit.Length / Simd.Width))
        {
            var low = Simd.BroadcastInt(0);
            var high = Simd.BroadcastInt(0);
            foreach (var j in Unroll.Range(UnpackedTile.Groups))
            {
                var x = Simd.Broadcast4(a + (4 * j));
                var u = Simd.LoadBytes(codes + (128 * j) + (v * UnpackedTile.Vector));
                if (Simd.HasByteDot)
                {
                    low = Simd.AddDotBytes(low, u, x);
                }
                else
                {
                    low = j == 0 ? Simd.DotNibbles(Simd.LowNibbles(u), x) : Simd.AddDotNibbles(low, Simd.LowNibbles(u), x);
                    high = j == 0 ? Simd.DotNibbles(Simd.HighNibbles(u), x) : Simd.AddDotNibbles(high, Simd.HighNibbles(u), x);
                }
            }

            sum[v] = Simd.HasByteDot ? low : Simd.AddInt(Simd.NibbleSums(low), Simd.Times16(Simd.NibbleSums(high)));
        }
    }
}
