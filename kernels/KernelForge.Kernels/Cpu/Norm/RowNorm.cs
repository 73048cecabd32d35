using System.Runtime.CompilerServices;

namespace KernelForge.Kernels;

/// <summary>Root mean square norm and layer norm of rows (docs/numerics.md). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class RowNorm
{
    /// <summary>Norm of rows <paramref name="first"/> to <paramref name="last"/> - 1, as float32. May work in place.</summary>
    public static void Store(
        [Constant] NormForm norm,
        byte* x,
        nint xStride,
        float* scale,
        float* shift,
        byte* y,
        nint yStride,
        nint width,
        float epsilon,
        nint first,
        nint last)
    {
        for (var row = first; row < last; row++)
            Row(norm, (float*)(x + (row * xStride)), scale, shift, (float*)(y + (row * yStride)), width, epsilon);
    }

    /// <summary>In place, of each head in some columns of the rows. A stride of 0 gives all heads one scale and one shift.</summary>
    public static void Heads(
        [Constant] NormForm norm,
        byte* x,
        nint xStride,
        nint column,
        nint heads,
        nint headSize,
        float* scale,
        float* shift,
        nint scaleStride,
        float epsilon,
        nint first,
        nint last)
    {
        for (var row = first; row < last; row++)
        {
            var values = (float*)(x + (row * xStride)) + column;
            for (nint head = 0; head < heads; head++)
            {
                var at = values + (head * headSize);
                Row(norm, at, scale + (head * scaleStride), shift + (head * scaleStride), at, headSize, epsilon);
            }
        }
    }

    /// <summary>As <see cref="Store"/>, quantized: a row of <paramref name="y"/> is codes, scales, sums, scaled sums.</summary>
    public static void Quantize(
        [Constant] NormForm norm,
        [Constant] ActivationLayout activations,
        byte* x,
        nint xStride,
        float* scale,
        float* shift,
        byte* y,
        nint yStride,
        nint width,
        float epsilon,
        nint first,
        nint last)
    {
        var blocks = (width + (Quantization.BlockLength - 1)) / Quantization.BlockLength;
        for (var row = first; row < last; row++)
        {
            var from = (float*)(x + (row * xStride));
            var mean = norm == NormForm.Layer ? Mean(from, width) : 0f;
            var factor = Simd.Broadcast(Factor(norm, from, width, mean, epsilon));
            for (nint block = 0; block < blocks; block++)
            {
                var values = new Registers<FloatVector>(Quantization.Vectors);
                Quantization.Load(ref values, from, block, width);
                foreach (var v in Unroll.Range(Quantization.Vectors))
                {
                    var at = (block * Quantization.BlockLength) + (v * Simd.Width);
                    values[v] = Normalized(norm, values[v], mean, factor, Simd.Load(scale + at), norm == NormForm.Layer ? Simd.Load(shift + at) : Simd.Zero());
                }

                Quantization.Store(activations, ref values, y + (row * yStride), block, blocks);
            }
        }
    }

    private static void Row([Constant] NormForm norm, float* from, float* scale, float* shift, float* to, nint width, float epsilon)
    {
        var mean = norm == NormForm.Layer ? Mean(from, width) : 0f;
        var factor = Simd.Broadcast(Factor(norm, from, width, mean, epsilon));
        nint i = 0;
        for (; i + Simd.Width <= width; i += Simd.Width)
            Simd.Store(to + i, Normalized(norm, Simd.Load(from + i), mean, factor, Simd.Load(scale + i), norm == NormForm.Layer ? Simd.Load(shift + i) : Simd.Zero()));
        if (i < width)
        {
            var count = width - i;
            var last = norm == NormForm.Layer ? Simd.LoadPartial(shift + i, count) : Simd.Zero();
            Simd.StorePartial(to + i, Normalized(norm, Simd.LoadPartial(from + i, count), mean, factor, Simd.LoadPartial(scale + i, count), last), count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatVector Normalized([Constant] NormForm norm, FloatVector x, float mean, FloatVector factor, FloatVector scale, FloatVector shift) => norm == NormForm.Layer
        ? Simd.MultiplyAdd(Simd.Multiply(Simd.Subtract(x, Simd.Broadcast(mean)), factor), scale, shift)
        : Simd.Multiply(Simd.Multiply(x, factor), scale);

    private static float Mean(float* x, nint width)
    {
        var lanes = new Registers<FloatVector>(LaneSum.Vectors);
        foreach (var v in Unroll.Range(LaneSum.Vectors))
            lanes[v] = Simd.Zero();
        nint i = 0;
        for (; i + 16 <= width; i += 16)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
                lanes[v] = Simd.Add(lanes[v], Simd.Load(x + i + (v * Simd.Width)));
        }

        if (i < width)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
                lanes[v] = Simd.Add(lanes[v], Simd.LoadPartial(x + i + (v * Simd.Width), width - i - (v * Simd.Width)));
        }

        LaneSum.Fold(ref lanes);
        return Simd.SumLanes(lanes[0]) / width;
    }

    private static float Factor([Constant] NormForm norm, float* x, nint width, float mean, float epsilon)
    {
        var lanes = new Registers<FloatVector>(LaneSum.Vectors);
        foreach (var v in Unroll.Range(LaneSum.Vectors))
            lanes[v] = Simd.Zero();
        nint i = 0;
        for (; i + 16 <= width; i += 16)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var value = Simd.Load(x + i + (v * Simd.Width));
                if (norm == NormForm.Layer)
                    value = Simd.Subtract(value, Simd.Broadcast(mean));
                lanes[v] = Simd.MultiplyAdd(value, value, lanes[v]);
            }
        }

        if (i < width)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var count = width - i - (v * Simd.Width);
                var value = Simd.LoadPartial(x + i + (v * Simd.Width), count);
                if (norm == NormForm.Layer)
                {
                    // What lies beyond the row stays zero.
                    var means = Simd.Broadcast(mean);
                    value = Simd.Subtract(value, Simd.LoadPartial((float*)&means, count));
                }

                lanes[v] = Simd.MultiplyAdd(value, value, lanes[v]);
            }
        }

        LaneSum.Fold(ref lanes);
        return 1f / MathF.Sqrt((Simd.SumLanes(lanes[0]) / width) + epsilon);
    }
}
