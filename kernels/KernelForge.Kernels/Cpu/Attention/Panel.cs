using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// A few rows times a matrix, each result one fma chain that starts at +0; the accumulators stay in registers. The matrix is float32, or keys or values as the cache has them,
/// which are converted on the way.
/// </summary>
[KernelTemplate]
public static unsafe class Panel
{
    /// <summary>Most rows whose accumulators fit the registers.</summary>
    public const int Rows = 6;

    private const int LineBytes = 64;

    /// <summary>c[rows, columns] = a[rows, depth] b[depth, columns].</summary>
    /// <param name="rows">Rows, at most <see cref="Rows"/>.</param>
    /// <param name="columns">Columns, a multiple of 16.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    /// <param name="a">Left side.</param>
    /// <param name="format">How b is stored.</param>
    /// <param name="isKey">Whether a scale of INT8 is one of a column; otherwise it is one of a row.</param>
    /// <param name="stride">Values from one row of b to the next.</param>
    /// <param name="b">Right side.</param>
    /// <param name="scales">Scales of INT8.</param>
    /// <param name="depth">Length of the chains.</param>
    /// <param name="c">Result.</param>
    /// <param name="fetchStep">Bytes that each step of the first chains fetches; 0: none.</param>
    /// <param name="fetch">What they fetch.</param>
    public static void Multiply(
        [Constant] int rows,
        [Constant] int columns,
        [Constant] int aStride,
        [Constant] int cStride,
        float* a,
        [Constant] KeyValueFormat format,
        [Constant] bool isKey,
        [Constant] int stride,
        byte* b,
        float* scales,
        nint depth,
        float* c,
        [Constant] int fetchStep,
        byte* fetch)
    {
        var step = Simd.ColumnVectors * Simd.Width;
        var done = columns / step * step;
        var bytes = CachedHead.ElementBytes(format);
        if (done > 0)
            Columns(rows, Simd.ColumnVectors, aStride, cStride, a, format, isKey, stride, b, scales, depth, c, fetchStep, fetch);
        for (nint column = step; column < done; column += step)
            Columns(rows, Simd.ColumnVectors, aStride, cStride, a, format, isKey, stride, b + (column * bytes), isKey ? scales + column : scales, depth, c + column, 0, fetch);
        if (columns % step != 0)
            Columns(rows, columns % step / Simd.Width, aStride, cStride, a, format, isKey, stride, b + (done * bytes), isKey ? scales + done : scales, depth, c + done, 0, fetch);
    }

    /// <summary>Fetches the lines of some bytes.</summary>
    /// <param name="bytes">Their number.</param>
    /// <param name="from">The first.</param>
    public static void Fetch([Constant] int bytes, byte* from)
    {
        foreach (var line in Unroll.Range((bytes + (LineBytes - 1)) / LineBytes))
            Simd.Prefetch(from + (line * LineBytes));
    }

    private static void Columns(
        [Constant] int rows,
        [Constant] int vectors,
        [Constant] int aStride,
        [Constant] int cStride,
        float* a,
        [Constant] KeyValueFormat format,
        [Constant] bool isKey,
        [Constant] int stride,
        byte* b,
        float* scales,
        nint depth,
        float* c,
        [Constant] int fetchStep,
        byte* fetch)
    {
        var acc = new Registers<FloatVector>(rows * vectors);
        foreach (var i in Unroll.Range(rows * vectors))
            acc[i] = Simd.Zero();
        for (nint k = 0; k < depth; k++)
        {
            Fetch(fetchStep, fetch);
            var right = new Registers<FloatVector>(vectors);
            foreach (var v in Unroll.Range(vectors))
            {
                right[v] = CachedHead.Values(format, b + (v * Simd.Width * CachedHead.ElementBytes(format)));
                if (format == KeyValueFormat.Int8)
                    right[v] = Simd.Multiply(right[v], isKey ? Simd.Load(scales + (v * Simd.Width)) : Simd.Broadcast(scales[k]));
            }

            foreach (var r in Unroll.Range(rows))
            {
                var left = Simd.Broadcast(a[r * aStride]);
                foreach (var v in Unroll.Range(vectors))
                    acc[(r * vectors) + v] = Simd.MultiplyAdd(left, right[v], acc[(r * vectors) + v]);
            }

            a += 1;
            b += stride * CachedHead.ElementBytes(format);
            fetch += fetchStep;
        }

        foreach (var r in Unroll.Range(rows))
        {
            foreach (var v in Unroll.Range(vectors))
                Simd.Store(c + (r * cStride) + (v * Simd.Width), acc[(r * vectors) + v]);
        }
    }
}
