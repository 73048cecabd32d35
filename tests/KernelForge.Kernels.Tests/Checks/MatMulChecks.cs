using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Runtime;
using ArgMax = KernelForge.Runtime.ArgMax;
using Contract = KernelForge.Reference.Numerics.Activations;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Matrix products and their epilogues against the scalar contract, bit for bit.</summary>
internal static unsafe class MatMulChecks
{
    public static void QuantizedWeights(KernelSet kernels)
    {
        var random = new Random(1);
        foreach (var layout in new[] { WeightLayout.Int4, WeightLayout.Int4Minimum, WeightLayout.Int8 })
        {
            foreach (var (rows, columns, tokens, tile) in new[]
            {
                (97, 96, 1, 1), (33, 2144, 1, 1), (64, 40, 3, 1),
                (32, 32, 2, 8), (70, 100, 7, 8), (33, 4192, 3, 8), (40, 32, 131, 6), (96, 96, 15, 4),
            })
            {
                foreach (var format in Rows.QuantizedFormats)
                    Store(kernels, random, layout, format, rows, columns, tokens, tile, bias: random.Next(2) == 0);
            }
        }
    }

    /// <summary>Codes at the ends of their ranges, all of one sign, all of the other and in turn: no sum on the way may overflow (docs/numerics.md, "Matrix products").</summary>
    public static void ExtremeCodes(KernelSet kernels)
    {
        const int columns = 2144;
        var random = new Random(17);
        foreach (var layout in new[] { WeightLayout.Int4, WeightLayout.Int4Minimum, WeightLayout.Int8 })
        {
            var matrix = new PackedMatrix(random, layout, 64, columns, extreme: true);
            foreach (var format in Rows.QuantizedFormats)
            {
                // Of INT12 1.9921875 is the code 2,040 where a block's largest magnitude is below 2.
                float[] signs = [1.9921875f, -1.9921875f];
                var tokens = Range(9).Select(token => new QuantizedRow([.. Range(columns).Select(i => signs[token < 2 ? token : i / token % 2])], format)).ToArray();
                tokens[1].Codes.ShouldAllBe(code => code == (format == ActivationFormat.Int12 ? -2040 : -127));
                var expected = tokens.Select(token => Range(64).Select(row => matrix.Times(row, token)).ToArray()).ToArray();
                foreach (var count in new[] { 1, 9 })
                {
                    using var buffer = Rows.Quantized(tokens[..count], columns);
                    Run(kernels, "StoreEpilogue", matrix, format, count == 1 ? 1 : 6, buffer, count, $"{layout} at the ends, {count} {format} tokens", expected[..count], bias: null);
                }
                using var least = Rows.Quantized(tokens[1..2], columns);
                Run(kernels, "StoreEpilogue", matrix, format, 1, least, 1, $"{layout} at the ends, least {format} codes", expected[1..2], bias: null);
            }
        }
    }

    public static void FloatActivations(KernelSet kernels)
    {
        var random = new Random(2);
        foreach (var layout in Enum.GetValues<WeightLayout>())
        {
            foreach (var (rows, columns, tokens, tile) in new[] { (32, 32, 1, 1), (70, 45, 7, 6), (33, 4130, 2, 8), (40, 32, 130, 8) })
            {
                var matrix = new PackedMatrix(random, layout, rows, columns);
                var x = Rows.Random(random, tokens, columns);
                var expected = x.Select(token => Range(rows).Select(row => DotProduct.Float(matrix.Row(row), token)).ToArray()).ToArray();
                using var buffer = Rows.Float(x);
                var name = $"{layout} {rows}x{columns}, {tokens} float tokens";
                Run(kernels, "StoreEpilogue", matrix, ActivationFormat.Float, tile, buffer, tokens, name, expected, bias: null);
            }
        }
    }

    public static void Residual(KernelSet kernels)
    {
        var random = new Random(3);
        var matrix = new PackedMatrix(random, WeightLayout.Int4Minimum, 70, 96);
        var (a, sums) = Product(random, matrix, ActivationFormat.Int12, 5);
        using var buffer = Rows.Quantized(a, 96);
        var bias = Bias(random, matrix);
        var before = Rows.Random(random, 5, 70);
        var expected = before.Select((row, t) => row.Select((x, r) => x + (sums[t][r] + bias[r])).ToArray()).ToArray();
        Run(kernels, "ResidualEpilogue", matrix, ActivationFormat.Int12, 8, buffer, 5, "residual", expected, bias, before);
    }

    public static void Gates(KernelSet kernels)
    {
        var random = new Random(4);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            foreach (var hidden in activation == Activation.Silu ? new[] { 64, 96, 40 } : [64])
            {
                // Rows interleaved by 16; a last group that is not full is padded in each part.
                var matrix = new PackedMatrix(random, WeightLayout.Int4, (hidden + 15) / 16 * 32, 64);
                var (a, sums) = Product(random, matrix, ActivationFormat.Int8, 4);
                using var buffer = Rows.Quantized(a, 64);
                var bias = Bias(random, matrix);
                var expected = sums.Select(s => Range(hidden).Select(i => Value(s, bias, i)).ToArray()).ToArray();
                Run(kernels, "GateEpilogue", matrix, ActivationFormat.Int8, 8, buffer, 4, $"{activation} gate of {hidden}", expected, bias, activation: activation);
                foreach (var format in Rows.QuantizedFormats.Where(_ => hidden % 32 == 0))
                    QuantizedGate(kernels, matrix, buffer, bias, expected, format, activation);
            }

            float Value(float[] sums, float[] bias, int i)
            {
                var gate = (i / 16 * 32) + (i % 16);
                return Contract.Apply(activation, sums[gate] + bias[gate]) * (sums[gate + 16] + bias[gate + 16]);
            }
        }
    }

    public static void ClampedGates(KernelSet kernels)
    {
        var random = new Random(17);
        var clamp = new ClampedUnit(1.702f, 2.5f);
        var matrix = new PackedMatrix(random, WeightLayout.Int8, 96, 64);
        var (a, sums) = Product(random, matrix, ActivationFormat.Int8, 4);
        using var buffer = Rows.Quantized(a, 64);
        var bias = Bias(random, matrix);
        var expected = sums.Select(s => Range(40).Select(i => (i / 16 * 32) + (i % 16))
            .Select(gate => Contract.Clamped(clamp, s[gate] + bias[gate], s[gate + 16] + bias[gate + 16])).ToArray()).ToArray();
        expected.SelectMany(row => row).ShouldContain(value => Math.Abs(value) > 1);
        Run(kernels, "GateEpilogue", matrix, ActivationFormat.Int8, 8, buffer, 4, "clamped gate", expected, bias, clamp: clamp);
    }

    public static void Activated(KernelSet kernels)
    {
        var random = new Random(16);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var matrix = new PackedMatrix(random, WeightLayout.Int4, 70, 64);
            var (a, sums) = Product(random, matrix, ActivationFormat.Int12, 5);
            using var buffer = Rows.Quantized(a, 64);
            var bias = Bias(random, matrix);
            var expected = sums.Select(s => Range(70).Select(i => Contract.Apply(activation, s[i] + bias[i])).ToArray()).ToArray();
            Run(kernels, "ActivateEpilogue", matrix, ActivationFormat.Int12, 8, buffer, 5, activation.ToString(), expected, bias, activation: activation);
        }
    }

    public static void Greedy(KernelSet kernels)
    {
        var random = new Random(5);
        var matrix = new PackedMatrix(random, WeightLayout.Int8, 250, 64);
        var (a, sums) = Product(random, matrix, ActivationFormat.Int12, 3);
        using var buffer = Rows.Quantized(a, 64);
        using var weights = NativeBuffer.Of<byte>(matrix.Pack());
        using var scratch = new NativeBuffer(KernelScratch.Bytes, fill: 0xFF);
        using var best = new NativeBuffer(3 * sizeof(ArgMax));
        best.Span<ArgMax>().Fill(new ArgMax { Index = -1 });
        var epilogue = new EpilogueArguments { OutputWidth = 250, Best = (ArgMax*)best.Address };
        kernels.Bind("ArgMaxEpilogue");
        foreach (var (first, last) in new[] { (0, 3), (3, 8) })
        {
            kernels.Call("MatMulInt.Run", WeightLayout.Int8, (int)ActivationFormat.Int12, 8, weights.Address, first, last, matrix.Units, buffer.Address,
                Rows.QuantizedStride(64, ActivationFormat.Int12), 3, scratch.Address, (nint)(&epilogue));
        }

        for (var t = 0; t < 3; t++)
        {
            var index = Reference.Numerics.ArgMax.Of(sums[t].AsSpan(0, 250));
            best.Span<ArgMax>()[t].Index.ShouldBe(index);
            best.Span<ArgMax>()[t].Value.ShouldBe(sums[t][index]);
        }
    }

    /// <summary>One logit that is not finite stays in the result, wherever it stands.</summary>
    public static void GreedyOfNoNumbers(KernelSet kernels)
    {
        kernels.Bind("ArgMaxEpilogue");
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (var at in new[] { 0, 5, 31 })
            {
                using var sums = new NativeBuffer(64 * sizeof(float));
                sums.Span<float>().Fill(1f);
                sums.Span<float>()[at] = value;
                using var best = new NativeBuffer(sizeof(ArgMax));
                best.Span<ArgMax>()[0] = new ArgMax { Index = -1 };
                var epilogue = new EpilogueArguments { OutputWidth = 96, Best = (ArgMax*)best.Address };
                for (var first = 0; first < 96; first += 32)
                {
                    kernels.Call("ArgMaxEpilogue.Apply", sums.Address, first, 32, 0, 1, (nint)(&epilogue));
                    sums.Span<float>().Fill(7f);
                }
                float.IsNaN(best.Span<ArgMax>()[0].Value).ShouldBeTrue($"{kernels.Kind}, {value} at {at}");
            }
        }
    }

    public static void Gather(KernelSet kernels)
    {
        var random = new Random(6);
        foreach (var layout in Enum.GetValues<WeightLayout>())
        {
            var matrix = new PackedMatrix(random, layout, 70, 72);
            using var table = NativeBuffer.Of<byte>(matrix.Pack());
            using var ids = NativeBuffer.Of<int>([69, 0, 17, 32]);
            using var x = new NativeBuffer(4 * Rows.FloatStride(72));
            kernels.Call("Embedding.Gather", layout, table.Address, 72, ids.Address, 1, 4, x.Address, Rows.FloatStride(72), 3f);
            x.Span<float>(0, 72).ToArray().ShouldAllBe(value => value == 0);
            for (var token = 1; token < 4; token++)
                Rows.ShouldEqual(x.Span<float>(token * Rows.FloatStride(72), 72), Array.ConvertAll(matrix.Row(ids.Span<int>()[token]), weight => weight * 3f), $"{layout} row");
        }
    }

    private static void QuantizedGate(
        KernelSet kernels, PackedMatrix matrix, NativeBuffer buffer, float[] bias, float[][] values, ActivationFormat format, Activation activation)
    {
        var width = values[0].Length;
        using var weights = NativeBuffer.Of<byte>(matrix.Pack());
        using var biases = NativeBuffer.Of<float>(bias);
        using var scratch = new NativeBuffer(KernelScratch.Bytes, fill: 0xFF);
        using var output = new NativeBuffer(values.Length * Rows.QuantizedStride(width, format));
        var epilogue = new EpilogueArguments
        {
            Bias = (float*)biases.Address, Output = (byte*)output.Address, OutputStride = Rows.QuantizedStride(width, format), OutputWidth = width,
            Activation = (int)activation,
        };
        kernels.Bind($"Gate{format}Epilogue");
        kernels.Call("MatMulInt.Run", matrix.Layout, (int)ActivationFormat.Int8, 4, weights.Address, 0, matrix.Tiles, matrix.Units, buffer.Address,
            Rows.QuantizedStride(64, ActivationFormat.Int8), values.Length, scratch.Address, (nint)(&epilogue));
        for (var t = 0; t < values.Length; t++)
            Rows.ShouldBeQuantized(output, t, width, new QuantizedRow(values[t], format), $"{activation} gate as {format}");
    }

    private static void Store(
        KernelSet kernels, Random random, WeightLayout layout, ActivationFormat format, int rows, int columns, int tokens, int tile, bool bias)
    {
        var matrix = new PackedMatrix(random, layout, rows, columns);
        var (a, sums) = Product(random, matrix, format, tokens);
        using var buffer = Rows.Quantized(a, columns);
        var b = bias ? Bias(random, matrix) : null;
        var expected = sums.Select(s => s.Take(rows).Select((x, r) => b is null ? x : x + b[r]).ToArray()).ToArray();
        var name = $"{layout} {rows}x{columns}, {tokens} {format} tokens by {tile}";
        Run(kernels, "StoreEpilogue", matrix, format, tile, buffer, tokens, name, expected, b);
    }

    /// <summary>Runs all tiles in two calls, as two workers would, and compares the float output.</summary>
    private static void Run(
        KernelSet kernels, string epilogueName, PackedMatrix matrix, ActivationFormat format, int tile, NativeBuffer a, int tokens, string name,
        float[][] expected, float[]? bias, float[][]? before = null, Activation activation = default, ClampedUnit? clamp = null)
    {
        var width = expected[0].Length;
        using var weights = NativeBuffer.Of<byte>(matrix.Pack());
        using var biases = NativeBuffer.Of<float>(bias ?? [0]);
        using var scratch = new NativeBuffer(KernelScratch.Bytes, fill: 0xFF);
        using var output = before is null ? new NativeBuffer(tokens * Rows.FloatStride(width)) : Rows.Float(before);
        var padding = output.Span<byte>().ToArray();
        var epilogue = new EpilogueArguments
        {
            Bias = bias is null ? null : (float*)biases.Address, Output = (byte*)output.Address, OutputStride = Rows.FloatStride(width), OutputWidth = width,
            Activation = (int)activation, Limit = clamp?.Limit ?? 0, Slope = clamp?.Slope ?? 0,
        };
        kernels.Bind(epilogueName);
        var half = matrix.Tiles / 2;
        foreach (var (first, last) in new[] { (0, half), (half, matrix.Tiles) })
        {
            if (format == ActivationFormat.Float)
            {
                kernels.Call("MatMulFloat.Run", matrix.Layout, tile, weights.Address, first, last, matrix.Columns, a.Address, Rows.FloatStride(matrix.Columns), tokens,
                    scratch.Address, (nint)(&epilogue));
            }
            else
            {
                kernels.Call("MatMulInt.Run", matrix.Layout, (int)format, tile, weights.Address, first, last, matrix.Units, a.Address,
                    Rows.QuantizedStride(matrix.Columns, format), tokens, scratch.Address, (nint)(&epilogue));
            }
        }

        for (var token = 0; token < tokens; token++)
        {
            var offset = token * Rows.FloatStride(width);
            Rows.ShouldEqual(output.Span<float>(offset, width), expected[token], $"{kernels.Kind} {name}, token {token}");
            output.Span<byte>(offset + (4 * width), Rows.FloatStride(width) - (4 * width)).ToArray()
                .ShouldBe(padding[(offset + (4 * width))..(offset + Rows.FloatStride(width))], $"{name}: padding is not written");
        }
    }

    /// <summary>Quantized tokens and [tokens][rows padded] products.</summary>
    private static (QuantizedRow[] Tokens, float[][] Sums) Product(Random random, PackedMatrix matrix, ActivationFormat format, int tokens)
    {
        var a = Rows.Random(random, tokens, matrix.Columns).Select(row => new QuantizedRow(row, format)).ToArray();
        return (a, a.Select(token => Range(matrix.Tiles * 32).Select(row => matrix.Times(row, token)).ToArray()).ToArray());
    }

    private static float[] Bias(Random random, PackedMatrix matrix) => Range(matrix.Tiles * 32).Select(_ => random.NextSingle() - 0.5f).ToArray();

    private static IEnumerable<int> Range(int count) => Enumerable.Range(0, count);
}
