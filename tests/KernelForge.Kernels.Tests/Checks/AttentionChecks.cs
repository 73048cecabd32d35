using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Rotation, cache and attention against the scalar contract, bit for bit: several sequences, fed in pieces, split over workers.</summary>
internal static unsafe class AttentionChecks
{
    private const int Workers = 3;

    public static void Run(KernelSet kernels)
    {
        var seed = 21;
        foreach (var format in Enum.GetValues<KeyValueFormat>())
        {
            Compare(kernels, new Shape(format, HeadSize: 64, Heads: 3, KeyValueHeads: 1, Pairs: 32, Window: 0), seed++, [[70, 1, 1], [5]]);
            Compare(kernels, new Shape(format, HeadSize: 32, Heads: 4, KeyValueHeads: 2, Pairs: 16, Window: 66), seed++, [[150, 1]]);
            Compare(kernels, new Shape(format, HeadSize: 24, Heads: 2, KeyValueHeads: 2, Pairs: 5, Window: 3, RotatesFirst: true), seed++, [[3, 64], [1, 130]]);
            Compare(kernels, new Shape(format, HeadSize: 8, Heads: 14, KeyValueHeads: 2, Pairs: 0, Window: 0, Softcap: 2f), seed++, [[65]]);
            Compare(kernels, new Shape(format, HeadSize: 20, Heads: 6, KeyValueHeads: 2, Pairs: 0, Window: 0, HasSinks: true, Temperature: new(0.3, 20.5)), seed++, [[70, 3], [1, 64]]);
            Compare(kernels, new Shape(format, HeadSize: 32, Heads: 2, KeyValueHeads: 1, Pairs: 16, Window: 9, Chunk: 24, HasSinks: true), seed++, [[66, 1, 30]]);
            Compare(kernels, new Shape(format, HeadSize: 64, Heads: 2, KeyValueHeads: 1, Pairs: 32, Window: 0, Chunk: 100, Temperature: new(0.1, 1)), seed++, [[90, 120, 1]]);

            // Far from its start one token's heads are divided too.
            Compare(kernels, new Shape(format, HeadSize: 20, Heads: 2, KeyValueHeads: 1, Pairs: 0, Window: 0, HasSinks: true), seed++, [[970, 1, 1]]);
            Compare(kernels, new Shape(format, HeadSize: 32, Heads: 2, KeyValueHeads: 2, Pairs: 16, Window: 960, Softcap: 3f), seed++, [[1010, 1]]);
            Compare(kernels, new Shape(format, HeadSize: 160, Heads: 1, KeyValueHeads: 1, Pairs: 80, Window: 0), seed++, [[30]]);
            Compare(kernels, new Shape(format, HeadSize: 24, Heads: 2, KeyValueHeads: 1, Pairs: 12, Window: 0, Ahead: 1000), seed++, [[130], [1], [64], [7]]);
            Compare(kernels, new Shape(format, HeadSize: 32, Heads: 2, KeyValueHeads: 2, Pairs: 16, Window: 9, Ahead: 8), seed++, [[200], [5]]);
            Compare(kernels, new Shape(format, HeadSize: 24, Heads: 4, KeyValueHeads: 2, Pairs: 0, Window: 0, Ahead: 1000, Reach: 70), seed++, [[300], [3]]);
            Compare(kernels, new Shape(format, HeadSize: 32, Heads: 2, KeyValueHeads: 2, Pairs: 0, Window: 0, Softcap: 3f, Reach: 63), seed++, [[970, 1, 60]]);
        }
    }

    private static void Compare(KernelSet kernels, Shape shape, int seed, int[][] pieces)
    {
        var random = new Random(seed);
        var context = pieces.Max(p => p.Sum());
        var angles = Enumerable.Range(0, context).Select(_ => Enumerable.Range(0, 2 * shape.Pairs).Select(_ => (random.NextSingle() * 2) - 1).ToArray()).ToArray();
        var unitBytes = CachePages.UnitBytes(shape.HeadSize, shape.Format);
        using var rotary = NativeBuffer.Of<float>(angles.SelectMany(row => row).Append(0f).ToArray());
        using var memory = new NativeBuffer(pieces.Length * (context + 63) / 64 * (unitBytes * shape.KeyValueHeads + 64) + (64 * 1024));
        var sequences = pieces.Select(_ => new Oracle(shape)).ToArray();
        var pages = Pages(memory, pieces.Length, (context + 63) / 64, (unitBytes * shape.KeyValueHeads) + 64);
        for (var step = 0; step < pieces.Max(p => p.Length); step++)
        {
            var rows = pieces.Select(p => step < p.Length ? p[step] : 0).ToArray();
            Pass(kernels, shape, random, rotary, angles, sequences, pages, rows, unitBytes);
        }

        foreach (var page in pages)
            page.Dispose();
    }

    private static NativeBuffer[] Pages(NativeBuffer memory, int sequences, int pagesEach, nint pageBytes)
    {
        var pages = new NativeBuffer[sequences];
        for (var s = 0; s < sequences; s++)
        {
            var addresses = new nint[pagesEach];
            for (var p = 0; p < pagesEach; p++)
                addresses[p] = memory.Address + (((s * pagesEach) + p) * pageBytes);
            pages[s] = NativeBuffer.Of<nint>(addresses);
        }

        return pages;
    }

    private static void Pass(
        KernelSet kernels, Shape shape, Random random, NativeBuffer rotary, float[][] angles, Oracle[] oracles, NativeBuffer[] pages, int[] rows, nint unitBytes)
    {
        var width = (shape.Heads + (2 * shape.KeyValueHeads)) * shape.HeadSize;
        var tokens = rows.Sum();
        var x = Enumerable.Range(0, tokens).Select(_ => Enumerable.Range(0, width).Select(_ => (random.NextSingle() - 0.5f) * 6).ToArray()).ToArray();
        var slices = new SequenceSlice[rows.Length];
        for (var s = 0; s < rows.Length; s++)
            slices[s] = new SequenceSlice { FirstRow = rows[..s].Sum(), Rows = rows[s], Position = oracles[s].Length, Pages = (byte**)pages[s].Address };
        var expected = new List<float[]>();
        for (var s = 0; s < rows.Length; s++)
            expected.AddRange(oracles[s].Feed(x.AsSpan((int)slices[s].FirstRow, rows[s]), angles));

        var resultWidth = shape.Heads * shape.HeadSize;
        using var input = Rows.Float(x);
        using var sequences = NativeBuffer.Of<SequenceSlice>(slices);
        var scratchBytes = KernelScratch.Bytes + ((oracles.Max(oracle => oracle.Length) + 63) / 64 * KernelScratch.BlockBytes(shape.Heads / shape.KeyValueHeads, shape.HeadSize));
        using var scratch = new NativeBuffer(Workers * scratchBytes, fill: 0xFF);
        using var sinks = NativeBuffer.Of<float>(shape.Sinks ?? [0]);
        using var biases = NativeBuffer.Of<float>(shape.Biases ?? [0]);
        var formats = Enum.GetValues<ActivationFormat>().Where(format => format == ActivationFormat.Float || shape.HeadSize % 32 == 0).ToArray();
        var keyColumn = shape.Heads * shape.HeadSize;
        var valueColumn = keyColumn + (shape.KeyValueHeads * shape.HeadSize);
        var split = tokens / 3;
        foreach (var (first, last) in new[] { (0, split), (split, tokens) })
        {
            // Where a norm follows the rotation, rows are rotated before they are stored.
            foreach (var (column, heads) in shape.RotatesFirst ? [(0, shape.Heads), (keyColumn, shape.KeyValueHeads)] : Array.Empty<(int, int)>())
            {
                kernels.Call("Rotation.Heads", shape.HeadSize, sequences.Address, input.Address, Rows.FloatStride(width), column, heads, rotary.Address,
                    shape.Pairs, first, last);
            }

            kernels.Call("CacheStore.Run", (int)shape.Format, shape.HeadSize, sequences.Address, input.Address, Rows.FloatStride(width), 0, keyColumn,
                valueColumn, shape.Heads, shape.KeyValueHeads, rotary.Address, shape.RotatesFirst ? 0 : shape.Pairs, (nint)64, unitBytes, scratch.Address, first, last);
        }

        foreach (var format in formats)
        {
            var stride = format == ActivationFormat.Float ? Rows.FloatStride(resultWidth) : Rows.QuantizedStride(resultWidth, format);
            using var output = new NativeBuffer(tokens * stride);
            var divided = Enumerable.Range(0, Workers).Select(worker => Attend(worker, format, output, stride)).ToArray();
            divided.ShouldAllBe(holds => holds == (tokens == 1 && oracles.Max(oracle => oracle.Length) > 15 * CachePages.Positions), "heads are divided for a single token only, and by all workers");
            for (var worker = 0; divided[0] && worker < Workers; worker++)
                Join(worker, format, output, stride);
            for (var token = 0; token < tokens; token++)
            {
                var name = $"{kernels.Kind} {shape} as {format}, token {token} of {tokens}";
                if (format == ActivationFormat.Float)
                    Rows.ShouldEqual(output.Span<float>(token * stride, resultWidth), expected[token], name);
                else
                    Rows.ShouldBeQuantized(output, token, resultWidth, new QuantizedRow(expected[token], format), name);
            }
        }

        bool Attend(int worker, ActivationFormat format, NativeBuffer result, int stride) => (bool)kernels.Call(
            "Attention.Run", (int)shape.Format, shape.HeadSize, (int)format, sequences.Address, rows.Length, input.Address, Rows.FloatStride(width), 0, shape.Heads,
            shape.KeyValueHeads, shape.Scale, shape.Softcap, shape.Window, shape.Ahead, shape.Chunk,
            shape.HasSinks ? sinks.Address : (nint)0, shape.Reach > 0 ? biases.Address : (nint)0, shape.Reach, (float)(shape.Temperature?.Scale ?? 0), (float)(shape.Temperature?.Floor ?? 0),
            (nint)64, unitBytes, result.Address, stride, scratch.Address + (worker * scratchBytes), worker, Workers)!;

        void Join(int worker, ActivationFormat format, NativeBuffer result, int stride) => kernels.Call(
            "AttentionSplit.Join", shape.HeadSize, (int)format, sequences.Address, shape.Heads, shape.KeyValueHeads, shape.Window, shape.Ahead, shape.Chunk, result.Address, stride,
            scratch.Address + (worker * scratchBytes), scratchBytes, worker, Workers);
    }

    private sealed record Shape(
        KeyValueFormat Format, int HeadSize, int Heads, int KeyValueHeads, int Pairs, int Window, float Softcap = 0, bool RotatesFirst = false, int Chunk = 0, bool HasSinks = false,
        QueryTemperature? Temperature = null, int Ahead = 0, int Reach = 0)
    {
        public float[]? Sinks => HasSinks ? [.. Enumerable.Range(0, Heads).Select(head => (head * 1.5f) - 2)] : null;

        /// <summary>Of each head a number for each distance, from some on the same.</summary>
        public float[]? Biases => Reach == 0 ? null : [.. Enumerable.Range(0, Heads).SelectMany(head => Enumerable.Range(-Reach, (2 * Reach) + 1).Select(offset => Bias(head, offset)))];

        public float Scale => 1f / MathF.Sqrt(HeadSize);

        public float Bias(int head, int offset)
        {
            var far = Reach - CachePages.Positions + 1;
            return MathF.Sin((head * 7) + Math.Clamp(offset, -far, far)) * 3;
        }
    }

    /// <summary>One sequence by the scalar numerics.</summary>
    private sealed class Oracle(Shape shape)
    {
        private readonly List<float[]>[] keys = Heads(shape);
        private readonly List<float[]>[] values = Heads(shape);

        public int Length => keys[0].Count;

        public IEnumerable<float[]> Feed(ReadOnlySpan<float[]> rows, float[][] angles)
        {
            var results = new List<float[]>();
            var start = Length;
            for (var position = start; position < start + rows.Length; position++)
            {
                var row = rows[position - start];
                for (var head = 0; head < shape.KeyValueHeads; head++)
                {
                    keys[head].Add(CacheRounding.Round(Rotated(row, shape.Heads + head, angles[position]), (CacheFormat)(int)shape.Format));
                    values[head].Add(CacheRounding.Round(Head(row, shape.Heads + shape.KeyValueHeads + head), (CacheFormat)(int)shape.Format));
                }
            }

            for (var position = start; position < start + rows.Length; position++)
            {
                var row = rows[position - start];
                var result = new float[shape.Heads * shape.HeadSize];
                for (var head = 0; head < shape.Heads; head++)
                {
                    var shared = head / (shape.Heads / shape.KeyValueHeads);
                    var query = Rotated(row, head, angles[position]);
                    if (shape.Temperature is { } temperature)
                        query = Array.ConvertAll(query, x => x * Reference.Numerics.Temperature.Of(temperature, position));
                    BlockAttention.Attend(query, keys[shared], values[shared], position, shape.Window, shape.Scale, shape.Softcap, ahead: shape.Ahead, chunk: shape.Chunk, sink: shape.Sinks?[head], bias: shape.Reach == 0 ? null : offset => shape.Bias(head, offset))
                        .CopyTo(result, head * shape.HeadSize);
                }

                results.Add(result);
            }

            return results;
        }

        private static List<float[]>[] Heads(Shape shape) => Enumerable.Range(0, shape.KeyValueHeads).Select(_ => new List<float[]>()).ToArray();

        private float[] Head(float[] row, int head) => row[(head * shape.HeadSize)..((head + 1) * shape.HeadSize)];

        private float[] Rotated(float[] row, int head, float[] angles)
        {
            var result = Head(row, head);
            Rotary.Rotate(result, angles);
            return result;
        }
    }
}
