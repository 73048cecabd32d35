using KernelForge.Graphs;
using KernelForge.Reference.Numerics;
using Contract = KernelForge.Reference.Numerics.Activations;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Norm and quantization of rows against the scalar contract, bit for bit.</summary>
internal static class RowChecks
{
    private const float Epsilon = 1e-5f;
    private static readonly int[] Widths = [1, 8, 16, 31, 32, 33, 48, 64, 100, 576];

    public static void Norm(KernelSet kernels)
    {
        var random = new Random(11);
        foreach (var width in Widths)
        {
            var x = Rows.Random(random, 4, width);
            var (scale, shift) = (Vector(random, width), Vector(random, width));
            using var input = Rows.Float(x);
            using var scales = NativeBuffer.Of<float>(scale);
            using var shifts = NativeBuffer.Of<float>(shift);
            foreach (var kind in Enum.GetValues<NormKind>())
            {
                var expected = x.Select(row => Expected(kind, row, scale, shift)).ToArray();
                using var output = new NativeBuffer(4 * Rows.FloatStride(width));
                kernels.Call("RowNorm.Store", (int)kind, input.Address, Rows.FloatStride(width), scales.Address, shifts.Address, output.Address, Rows.FloatStride(width), width, Epsilon, 1, 4);
                output.Span<float>(0, width).ToArray().ShouldAllBe(value => value == 0);
                for (var row = 1; row < 4; row++)
                    Rows.ShouldEqual(output.Span<float>(row * Rows.FloatStride(width), width), expected[row], $"{kernels.Kind} {kind} norm of {width}, row {row}");

                foreach (var format in Rows.QuantizedFormats)
                {
                    var stride = Rows.QuantizedStride(width, format);
                    using var quantized = new NativeBuffer(4 * stride);
                    kernels.Call("RowNorm.Quantize", (int)kind, (int)format, input.Address, Rows.FloatStride(width), scales.Address, shifts.Address, quantized.Address, stride, width, Epsilon, 1, 4);
                    for (var row = 1; row < 4; row++)
                        Rows.ShouldBeQuantized(quantized, row, width, new QuantizedRow(expected[row], format), $"{kernels.Kind} {kind} norm of {width} as {format}");
                }
            }
        }
    }

    /// <summary>Heads that share a scale, and heads with one each; their vectors are as long as they need to be.</summary>
    public static void NormOfHeads(KernelSet kernels)
    {
        var random = new Random(13);
        foreach (var (size, heads, isShared) in new[] { (64, 3, true), (64, 3, false), (20, 3, false), (6, 5, true), (6, 5, false), (80, 1, true) })
        {
            const int column = 7;
            var x = Rows.Random(random, 3, column + (heads * size) + 2);
            var width = isShared ? size : heads * size;
            var (scale, shift) = (Vector(random, width), Vector(random, width));
            foreach (var kind in Enum.GetValues<NormKind>())
            {
                using var values = Rows.Float(x);
                using var scales = NativeBuffer.Of<float>(scale[..width]);
                using var shifts = NativeBuffer.Of<float>(shift[..width]);
                kernels.Call("RowNorm.Heads", (int)kind, values.Address, Rows.FloatStride(x[0].Length), column, heads, size, scales.Address, shifts.Address, isShared ? 0 : size, Epsilon, 1, 3);
                for (var row = 0; row < 3; row++)
                {
                    var expected = (float[])x[row].Clone();
                    for (var head = 0; head < heads && row > 0; head++)
                    {
                        var at = column + (head * size);
                        var from = isShared ? 0 : head * size;
                        Expected(kind, x[row][at..(at + size)], scale[from..], shift[from..]).CopyTo(expected, at);
                    }

                    Rows.ShouldEqual(values.Span<float>(row * Rows.FloatStride(x[0].Length), x[0].Length), expected, $"{kernels.Kind} {kind} norm of {heads} heads of {size}, row {row}");
                }
            }
        }
    }

    public static void Add(KernelSet kernels)
    {
        var random = new Random(14);
        foreach (var width in Widths)
        {
            var (x, y) = (Rows.Random(random, 3, width), Rows.Random(random, 3, width));
            foreach (var factor in new[] { 1f, 0.22f })
            {
                using var added = Rows.Float(x);
                using var sum = Rows.Float(y);
                kernels.Call("RowSum.Add", added.Address, Rows.FloatStride(width), sum.Address, Rows.FloatStride(width), width, factor, 1, 3);
                for (var row = 0; row < 3; row++)
                {
                    var expected = row == 0 ? y[row] : y[row].Select((value, i) => MathF.FusedMultiplyAdd(x[row][i], factor, value)).ToArray();
                    Rows.ShouldEqual(sum.Span<float>(row * Rows.FloatStride(width), width), expected, $"{kernels.Kind} sum of {width}, row {row}");
                }
            }
        }
    }

    public static void Cap(KernelSet kernels)
    {
        var random = new Random(15);
        var x = Enumerable.Range(0, 256).Select(i => i switch { 0 => 0f, 1 => -0f, 2 => 1e30f, 3 => -1e30f, 4 => 1e-30f, _ => (random.NextSingle() - 0.5f) * 200 }).ToArray();
        using var values = NativeBuffer.Of<float>(x);
        kernels.Call("Activations.Cap", values.Address, 256, 0.25f, 30f);
        Rows.ShouldEqual(values.Span<float>(0, 256), Array.ConvertAll(x, value => Contract.Cap(30f, value * 0.25f)), $"{kernels.Kind} bounded values");
    }

    /// <summary>The first and the last window reach beyond the rows; what is before the first that is asked for stays.</summary>
    public static void Windows(KernelSet kernels)
    {
        var random = new Random(16);
        foreach (var (width, rows, taps, step) in new[] { (5, 6, 3, 1), (33, 6, 3, 2), (16, 7, 5, 3), (1, 1, 3, 1), (3, 2, 3, 2) })
        {
            var x = Rows.Random(random, rows, width);
            var (count, wide) = ((rows + step - 1) / step, width * taps);
            using var input = Rows.Float(x);
            using var output = new NativeBuffer(count * Rows.FloatStride(wide));
            var first = count > 2 ? 1 : 0;
            kernels.Call("Windows.Gather", input.Address, Rows.FloatStride(width), rows, output.Address, Rows.FloatStride(wide), width, taps, step, first, count);
            for (var window = 0; window < count; window++)
            {
                var expected = new float[wide];
                for (var i = 0; i < wide && window >= first; i++)
                {
                    var row = (window * step) + (i % taps) - (taps / 2);
                    expected[i] = row < 0 || row >= rows ? 0 : x[row][i / taps];
                }

                Rows.ShouldEqual(output.Span<float>(window * Rows.FloatStride(wide), wide), expected, $"{kernels.Kind} window {window} of {taps} among {rows} rows of {width}");
            }
        }
    }

    private static float[] Expected(NormKind kind, float[] row, float[] scale, float[] shift) => kind == NormKind.Rms
        ? RmsNorm.Apply(row, scale.AsSpan(0, row.Length), Epsilon)
        : LayerNorm.Apply(row, scale.AsSpan(0, row.Length), shift.AsSpan(0, row.Length), Epsilon);

    private static float[] Vector(Random random, int width)
    {
        var vector = new float[(width + 31) / 32 * 32];
        for (var i = 0; i < width; i++)
            vector[i] = random.NextSingle() + 0.5f;
        return vector;
    }

    public static void Quantize(KernelSet kernels)
    {
        var random = new Random(12);
        foreach (var width in Widths)
        {
            var x = Rows.Random(random, 5, width);
            if (width >= 64)
                x[0][33] = 1e38f;
            using var input = Rows.Float(x);
            foreach (var format in Rows.QuantizedFormats)
            {
                var stride = Rows.QuantizedStride(width, format);
                using var output = new NativeBuffer(5 * stride);
                kernels.Call("Quantization.Rows", (int)format, input.Address, Rows.FloatStride(width), output.Address, stride, width, 0, 5);
                for (var row = 0; row < 5; row++)
                    Rows.ShouldBeQuantized(output, row, width, new QuantizedRow(x[row], format), $"{kernels.Kind} rows of {width} as {format}");
            }
        }
    }
}
