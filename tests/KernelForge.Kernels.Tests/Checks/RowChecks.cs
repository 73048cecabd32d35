using KernelForge.Reference.Numerics;
using Contract = KernelForge.Reference.Numerics.RmsNorm;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Norm and quantization of rows against the scalar contract, bit for bit.</summary>
internal static class RowChecks
{
    private static readonly int[] Widths = [1, 8, 16, 31, 32, 33, 48, 64, 100, 576];

    public static void Norm(KernelSet kernels)
    {
        var random = new Random(11);
        foreach (var width in Widths)
        {
            var x = Rows.Random(random, 4, width);
            var weight = new float[(width + 31) / 32 * 32];
            for (var i = 0; i < width; i++)
                weight[i] = random.NextSingle() + 0.5f;
            var expected = x.Select(row => Contract.Apply(row, weight.AsSpan(0, width), 1e-5f)).ToArray();
            using var input = Rows.Float(x);
            using var scale = NativeBuffer.Of<float>(weight);
            using var output = new NativeBuffer(4 * Rows.FloatStride(width));
            kernels.Call("RmsNorm.Store", input.Address, Rows.FloatStride(width), scale.Address, output.Address, Rows.FloatStride(width), width, 1e-5f, 1, 4);
            output.Span<float>(0, width).ToArray().ShouldAllBe(value => value == 0);
            for (var row = 1; row < 4; row++)
                Rows.ShouldEqual(output.Span<float>(row * Rows.FloatStride(width), width), expected[row], $"{kernels.Kind} norm of {width}, row {row}");

            foreach (var format in Rows.QuantizedFormats)
            {
                var stride = Rows.QuantizedStride(width, format);
                using var quantized = new NativeBuffer(4 * stride);
                kernels.Call("RmsNorm.Quantize", (int)format, input.Address, Rows.FloatStride(width), scale.Address, quantized.Address, stride, width, 1e-5f, 1, 4);
                for (var row = 1; row < 4; row++)
                    Rows.ShouldBeQuantized(quantized, row, width, new QuantizedRow(expected[row], format), $"{kernels.Kind} norm of {width} as {format}");
            }
        }
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
