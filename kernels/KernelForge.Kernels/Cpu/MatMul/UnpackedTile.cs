namespace KernelForge.Kernels;

/// <summary>
/// A segment of a tile with its codes spread to bytes and its scales to float32. By vector of rows, then by unit: the codes of columns 4j to
/// 4j + 3 for j = 0..7 (twice, low and high nibbles, where 8-bit codes need it), then the scales, then the minima if there are any.
/// </summary>
[KernelTemplate]
public static unsafe class UnpackedTile
{
    /// <summary>Groups of four columns in a unit.</summary>
    public const int Groups = 8;

    /// <summary>Bytes in a vector.</summary>
    public const int Vector = Simd.Width * 4;

    /// <summary>Whether 8-bit codes are multiplied nibble by nibble.</summary>
    public static bool SplitsCodes([Constant] WeightLayout layout) => layout == WeightLayout.Int8 && !Simd.HasByteDot;

    /// <summary>Bytes before the scales of a unit.</summary>
    public static int ScaleOffset([Constant] WeightLayout layout) => SplitsCodes(layout) ? 2 * Groups * Vector : Groups * Vector;

    /// <summary>Bytes of a unit for one vector of rows.</summary>
    public static int VectorBytes([Constant] WeightLayout layout) =>
        ScaleOffset(layout) + (layout == WeightLayout.Int4Minimum ? 2 * Vector : Vector);

    /// <summary>Unpacks <paramref name="count"/> units of a tile.</summary>
    public static void Unpack([Constant] WeightLayout layout, byte* weights, nint count, byte* unpacked)
    {
        for (nint unit = 0; unit < count; unit++)
        {
            var w = weights + (unit * PackedUnit.Bytes(layout));
            foreach (var vector in Unroll.Range(PackedUnit.Length / Simd.Width))
            {
                var to = unpacked + (((vector * count) + unit) * VectorBytes(layout));
                Codes(layout, vector, w + PackedUnit.HeaderBytes(layout), to);
                Simd.Store((float*)(to + ScaleOffset(layout)), Simd.LoadHalf(w + (vector * Simd.Width * 2)));
                if (layout == WeightLayout.Int4Minimum)
                    Simd.Store((float*)(to + ScaleOffset(layout) + Vector), Simd.LoadHalf(w + 64 + (vector * Simd.Width * 2)));
            }
        }
    }

    /// <summary>
    /// One vector of rows times a tile of tokens over a segment. The first segment stores its sums, the others add theirs.
    /// </summary>
    /// <param name="layout">Layout of the weights.</param>
    /// <param name="activations">Int8 or Int12.</param>
    /// <param name="tokens">Tokens of the tile.</param>
    /// <param name="w">Unpacked units of these rows.</param>
    /// <param name="firstUnit">First unit of the segment.</param>
    /// <param name="count">Units of the segment.</param>
    /// <param name="units">Units of a row.</param>
    /// <param name="a">Quantized row of the first token.</param>
    /// <param name="aStride">Bytes from one row to the next.</param>
    /// <param name="sums">Sums of the first token, <see cref="MatMulInt.SumStride"/> apart.</param>
    public static void Multiply(
        [Constant] WeightLayout layout,
        [Constant] ActivationLayout activations,
        [Constant] int tokens,
        byte* w,
        nint firstUnit,
        nint count,
        nint units,
        byte* a,
        nint aStride,
        float* sums)
    {
        var row = new Registers<nint>(tokens); // walks over the codes
        var acc = new Registers<FloatVector>(tokens);
        foreach (var t in Unroll.Range(tokens))
        {
            row[t] = (nint)a + (t * aStride) + (firstUnit * Quantization.CodeBytes(activations));
            acc[t] = Simd.Zero();
        }

        // From a unit's codes to its scale; sum and scaled sum follow a row of scales later each.
        var scaleOffset = (units * Quantization.CodeBytes(activations)) - (firstUnit * (Quantization.CodeBytes(activations) - sizeof(float)));
        var sumOffset = scaleOffset + (units * sizeof(float));
        var scaledSumOffset = sumOffset + (units * sizeof(float));
        for (nint unit = 0; unit < count; unit++)
        {
            var scale = Simd.Load((float*)(w + ScaleOffset(layout)));
            var sum = new Registers<IntVector>(tokens);
            Products(layout, tokens, w, 0, ref row, ref sum);
            if (activations == ActivationLayout.Int12)
            {
                var low = new Registers<IntVector>(tokens);
                Products(layout, tokens, w, Quantization.BlockLength, ref row, ref low);
                foreach (var t in Unroll.Range(tokens))
                    sum[t] = Simd.AddInt(Simd.Times16(sum[t]), low[t]);
            }

            foreach (var t in Unroll.Range(tokens))
            {
                var products = sum[t];
                if (PackedUnit.CodeOffset(layout) != 0)
                    products = Simd.SubtractInt(products, Simd.BroadcastInt(PackedUnit.CodeOffset(layout) * *(int*)(row[t] + sumOffset)));
                var product = Simd.Multiply(scale, Simd.Broadcast(*(float*)(row[t] + scaleOffset)));
                acc[t] = Simd.MultiplyAdd(Simd.ToFloat(products), product, acc[t]);
                if (layout == WeightLayout.Int4Minimum)
                    acc[t] = Simd.MultiplyAdd(Simd.Load((float*)(w + ScaleOffset(layout) + Vector)), Simd.Broadcast(*(float*)(row[t] + scaledSumOffset)), acc[t]);
                row[t] += Quantization.CodeBytes(activations);
            }

            w += VectorBytes(layout);
            scaleOffset -= Quantization.CodeBytes(activations) - sizeof(float);
            sumOffset -= Quantization.CodeBytes(activations) - sizeof(float);
            scaledSumOffset -= Quantization.CodeBytes(activations) - sizeof(float);
        }

        if (firstUnit == 0)
        {
            foreach (var t in Unroll.Range(tokens))
                Simd.Store(sums + (t * MatMulInt.SumStride), acc[t]);
        }
        else
        {
            foreach (var t in Unroll.Range(tokens))
                Simd.Store(sums + (t * MatMulInt.SumStride), Simd.Add(Simd.Load(sums + (t * MatMulInt.SumStride)), acc[t]));
        }
    }

    private static void Codes([Constant] WeightLayout layout, [Constant] int vector, byte* codes, byte* to)
    {
        var vectorsPerHalf = 16 / Simd.Width;
        foreach (var j in Unroll.Range(Groups))
        {
            if (layout == WeightLayout.Int8)
            {
                var u = Simd.LoadBytes(codes + (j * 128) + (vector * Vector));
                if (SplitsCodes(layout))
                {
                    Simd.StoreBytes(to + (j * Vector), Simd.LowNibbles(u));
                    Simd.StoreBytes(to + ((Groups + j) * Vector), Simd.HighNibbles(u));
                }
                else
                {
                    Simd.StoreBytes(to + (j * Vector), u);
                }
            }
            else
            {
                var u = Simd.LoadBytes(codes + (j * 64) + (vector % vectorsPerHalf * Vector));
                Simd.StoreBytes(to + (j * Vector), vector < vectorsPerHalf ? Simd.LowNibbles(u) : Simd.HighNibbles(u));
            }
        }
    }

    /// <summary>The sums of a unit's products with the codes at an offset from where the rows are.</summary>
    private static void Products(
        [Constant] WeightLayout layout, [Constant] int tokens, byte* w, nint offset, ref Registers<nint> row, ref Registers<IntVector> sum)
    {
        if (SplitsCodes(layout))
            SplitProducts(tokens, w, offset, ref row, ref sum);
        else
            WholeProducts(layout, tokens, w, offset, ref row, ref sum);
    }

    private static void WholeProducts(
        [Constant] WeightLayout layout, [Constant] int tokens, byte* w, nint offset, ref Registers<nint> row, ref Registers<IntVector> sum)
    {
        if (layout == WeightLayout.Int8)
        {
            foreach (var t in Unroll.Range(tokens))
                sum[t] = Simd.BroadcastInt(0);
        }

        foreach (var j in Unroll.Range(Groups))
        {
            var u = Simd.LoadBytes(w + (j * Vector));
            foreach (var t in Unroll.Range(tokens))
            {
                var a = Simd.Broadcast4((byte*)row[t] + offset + (4 * j));
                if (layout == WeightLayout.Int8)
                    sum[t] = Simd.AddDotBytes(sum[t], u, a);
                else
                    sum[t] = j == 0 ? Simd.DotNibbles(u, a) : Simd.AddDotNibbles(sum[t], u, a);
            }
        }

        if (layout != WeightLayout.Int8)
        {
            foreach (var t in Unroll.Range(tokens))
                sum[t] = Simd.NibbleSums(sum[t]);
        }
    }

    private static void SplitProducts([Constant] int tokens, byte* w, nint offset, ref Registers<nint> row, ref Registers<IntVector> sum)
    {
        foreach (var half in Unroll.Range(2))
        {
            var part = new Registers<IntVector>(tokens);
            foreach (var j in Unroll.Range(Groups))
            {
                var u = Simd.LoadBytes(w + (((half * Groups) + j) * Vector));
                foreach (var t in Unroll.Range(tokens))
                {
                    var a = Simd.Broadcast4((byte*)row[t] + offset + (4 * j));
                    part[t] = j == 0 ? Simd.DotNibbles(u, a) : Simd.AddDotNibbles(part[t], u, a);
                }
            }

            foreach (var t in Unroll.Range(tokens))
                sum[t] = half == 0 ? Simd.NibbleSums(part[t]) : Simd.AddInt(sum[t], Simd.Times16(Simd.NibbleSums(part[t])));
        }
    }
}
