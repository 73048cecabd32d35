namespace KernelForge.Kernels;

/// <summary>A unit of 32 rows x 32 columns with float32 weights, 32 rows of a column side by side.</summary>
[KernelTemplate]
public static unsafe class FloatUnit
{
    /// <summary>The exact float32 values of a unit's weights.</summary>
    public static void Spread([Constant] WeightLayout layout, byte* unit, float* spread)
    {
        if (PackedUnit.IsQuantized(layout))
        {
            for (nint row = 0; row < PackedUnit.Length; row++)
            {
                for (nint column = 0; column < PackedUnit.Length; column++)
                    spread[(column * PackedUnit.Length) + row] = PackedNumber.Weight(layout, unit, row, column);
            }
        }
        else
        {
            for (nint i = 0; i < PackedUnit.Length * PackedUnit.Length; i += Simd.Width)
                Simd.Store(spread + i, layout == WeightLayout.Float16 ? Simd.LoadHalf(unit + (2 * i)) : Simd.LoadBFloat16(unit + (2 * i)));
        }
    }

    /// <summary>One fma a column for each row and token, going on from the accumulators [tokens, 32] or from zero.</summary>
    public static void Multiply([Constant] int tokens, float* w, nint columns, float* x, nint xStride, float* acc, bool startsSegment)
    {
        for (nint row = 0; row < PackedUnit.Length; row += Simd.Width)
        {
            var sum = new Registers<FloatVector>(tokens);
            foreach (var t in Unroll.Range(tokens))
                sum[t] = startsSegment ? Simd.Zero() : Simd.Load(acc + (t * PackedUnit.Length) + row);
            for (nint column = 0; column < columns; column++)
            {
                var weight = Simd.Load(w + (column * PackedUnit.Length) + row);
                foreach (var t in Unroll.Range(tokens))
                    sum[t] = Simd.MultiplyAdd(weight, Simd.Broadcast(*((float*)((byte*)x + (t * xStride)) + column)), sum[t]);
            }

            foreach (var t in Unroll.Range(tokens))
                Simd.Store(acc + (t * PackedUnit.Length) + row, sum[t]);
        }
    }

    /// <summary>Adds a segment's accumulators [tokens, 32] to the sums [tokens, <see cref="MatMulInt.SumStride"/>]; the first one is stored.</summary>
    public static void AddSegment(float* acc, float* sums, nint tokens, bool isFirst)
    {
        for (nint token = 0; token < tokens; token++)
        {
            for (nint row = 0; row < PackedUnit.Length; row += Simd.Width)
            {
                var sum = sums + (token * MatMulInt.SumStride) + row;
                var segment = Simd.Load(acc + (token * PackedUnit.Length) + row);
                Simd.Store(sum, isFirst ? segment : Simd.Add(Simd.Load(sum), segment));
            }
        }
    }
}
