namespace KernelForge.Kernels;

/// <summary>A few rows times a matrix, each result one fma chain that starts at +0; the accumulators stay in registers.</summary>
[KernelTemplate]
public static unsafe class Panel
{
    /// <summary>Most rows whose accumulators fit the registers.</summary>
    public const int Rows = 6;

    /// <summary>c[rows, columns] = a[rows, depth] b[depth, columns]. Strides are in floats.</summary>
    /// <param name="rows">Rows, at most <see cref="Rows"/>.</param>
    /// <param name="columns">Columns, a multiple of 16.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="stride">Floats from one row of b to the next, and of c.</param>
    /// <param name="a">Left side.</param>
    /// <param name="b">Right side.</param>
    /// <param name="depth">Length of the chains.</param>
    /// <param name="c">Result.</param>
    public static void Multiply(
        [Constant] int rows, [Constant] int columns, [Constant] int aStride, [Constant] int stride, float* a, float* b, nint depth, float* c)
    {
        var step = Simd.ColumnVectors * Simd.Width;
        for (nint column = 0; column + step <= columns; column += step)
            Columns(rows, Simd.ColumnVectors, aStride, stride, a, b + column, depth, c + column);
        if (columns % step != 0)
        {
            var done = columns / step * step;
            Columns(rows, columns % step / Simd.Width, aStride, stride, a, b + done, depth, c + done);
        }
    }

    private static void Columns(
        [Constant] int rows, [Constant] int vectors, [Constant] int aStride, [Constant] int stride, float* a, float* b, nint depth, float* c)
    {
        var acc = new Registers<FloatVector>(rows * vectors);
        foreach (var i in Unroll.Range(rows * vectors))
            acc[i] = Simd.Zero();
        for (nint k = 0; k < depth; k++)
        {
            var right = new Registers<FloatVector>(vectors);
            foreach (var v in Unroll.Range(vectors))
                right[v] = Simd.Load(b + (v * Simd.Width));
            foreach (var r in Unroll.Range(rows))
            {
                var left = Simd.Broadcast(a[r * aStride]);
                foreach (var v in Unroll.Range(vectors))
                    acc[(r * vectors) + v] = Simd.MultiplyAdd(left, right[v], acc[(r * vectors) + v]);
            }

            a += 1;
            b += stride;
        }

        foreach (var r in Unroll.Range(rows))
        {
            foreach (var v in Unroll.Range(vectors))
                Simd.Store(c + (r * stride) + (v * Simd.Width), acc[(r * vectors) + v]);
        }
    }
}
