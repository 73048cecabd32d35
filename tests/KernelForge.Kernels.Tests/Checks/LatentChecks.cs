using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Attention over latents, and short convolutions, against the scalar contract, bit for bit: two sequences, fed in pieces, split over workers.</summary>
internal static unsafe class LatentChecks
{
    private const int PageOffset = 64;
    private static readonly int[][] Pieces = [[70, 1, 2], [5, 64, 1]];

    public static void Attend(KernelSet kernels)
    {
        foreach (var format in Enum.GetValues<KeyValueFormat>())
            Attend(kernels, format, rank: 20, rotated: 6, heads: 3);
        Attend(kernels, KeyValueFormat.F16, rank: 64, rotated: 16, heads: 5);

        // More rows than a tile has, whatever the number of workers.
        Attend(kernels, KeyValueFormat.Int8, rank: 24, rotated: 8, heads: 33);
    }

    public static void Convolve(KernelSet kernels)
    {
        foreach (var format in Enum.GetValues<KeyValueFormat>())
        {
            Convolve(kernels, format, width: 64, count: 3, hasBias: false);
            Convolve(kernels, format, width: 43, count: 4, hasBias: true);
            Convolve(kernels, format, width: 7, count: 1, hasBias: false);
        }
    }

    private static void Attend(KernelSet kernels, KeyValueFormat format, int rank, int rotated, int heads)
    {
        var random = new Random(41);
        var cached = (CacheFormat)(int)format;
        var headSize = 3 + rotated;
        var angles = Rows.Random(random, 80, rotated);
        using var rotary = NativeBuffer.Of<float>(angles.SelectMany(row => row).ToArray());
        using var scratch = new NativeBuffer(KernelScratch.LatentBytes(rank, rotated), fill: 0xFF);
        using var pages = new Pages(Pieces.Length, (nint)CachePlaces.UnitBytes(new CacheShape(1, 1, rank, cached, rotated), cached));
        var (keys, values) = (Pieces.Select(_ => new List<float[]>()).ToArray(), Pieces.Select(_ => new List<float[]>()).ToArray());
        pages.Feed((sequences, rows, positions) =>
        {
            var (queries, latents, ends, absorbed) = (Uniform(heads * headSize), Uniform(rank), Uniform(rotated), Uniform(heads * rank));
            using var query = Rows.Float(queries);
            using var latent = Rows.Float(latents);
            using var key = Rows.Float(ends);
            using var absorbedRows = Rows.Float(absorbed);
            using var turned = new NativeBuffer(rows.Length * Rows.FloatStride(heads * rotated));
            using var result = new NativeBuffer(rows.Length * Rows.FloatStride(heads * rank));
            foreach (var (first, last) in new[] { (0, rows.Length / 3), (rows.Length / 3, rows.Length) })
            {
                kernels.Call(
                    "LatentStore.Run", (int)format, rank, rotated, sequences, query.Address, Rows.FloatStride(heads * headSize), heads, headSize, latent.Address, Rows.FloatStride(rank),
                    key.Address, Rows.FloatStride(rotated), rotary.Address, (nint)PageOffset, turned.Address, Rows.FloatStride(heads * rotated), scratch.Address, first, last);
            }

            for (var worker = 0; worker < 3; worker++)
            {
                kernels.Call(
                    "LatentAttention.Run", (int)format, rank, rotated, sequences, Pieces.Length, absorbedRows.Address, Rows.FloatStride(heads * rank), turned.Address, Rows.FloatStride(heads * rotated), heads,
                    0.3f, (nint)PageOffset, result.Address, Rows.FloatStride(heads * rank), scratch.Address, worker, 3);
            }

            for (var row = 0; row < rows.Length; row++)
            {
                var name = $"{kernels.Kind} latents in {format}, {heads} heads over {rank}+{rotated}, position {positions[row]}";
                Rotary.Rotate(ends[row], angles[positions[row]]);
                values[rows[row]].Add(CacheRounding.Round(latents[row], cached));
                keys[rows[row]].Add([.. values[rows[row]][^1], .. CacheRounding.Round(ends[row], cached)]);
                for (var head = 0; head < heads; head++)
                {
                    var end = queries[row][((head * headSize) + 3)..((head + 1) * headSize)];
                    Rotary.Rotate(end, angles[positions[row]]);
                    Rows.ShouldEqual(turned.Span<float>((row * Rows.FloatStride(heads * rotated)) + (head * rotated * sizeof(float)), rotated), end, name);
                    float[] all = [.. absorbed[row].AsSpan(head * rank, rank), .. end];
                    Rows.ShouldEqual(
                        result.Span<float>((row * Rows.FloatStride(heads * rank)) + (head * rank * sizeof(float)), rank),
                        BlockAttention.Attend(all, keys[rows[row]], values[rows[row]], positions[row], 0, 0.3f, inLanes: true), name);
                }
            }

            float[][] Uniform(int width) => [.. rows.Select(_ => Enumerable.Range(0, width).Select(_ => (random.NextSingle() - 0.5f) * 2).ToArray())];
        });
    }

    private static void Convolve(KernelSet kernels, KeyValueFormat format, int width, int count, bool hasBias)
    {
        var random = new Random(42);
        var cached = format == KeyValueFormat.F32 ? CacheFormat.F32 : CacheFormat.F16;
        var taps = Enumerable.Range(0, count * width).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var bias = hasBias ? Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f).ToArray() : null;
        using var tapMemory = NativeBuffer.Of<float>(taps);
        using var biasMemory = NativeBuffer.Of<float>(bias ?? [0]);
        using var pages = new Pages(Pieces.Length, (nint)CachePlaces.ConvolutionBytes(new CacheShape(0, 0, 0, cached, 0, 1, width), cached));
        var kept = Pieces.Select(_ => new List<float[]>()).ToArray();
        pages.Feed((sequences, rows, positions) =>
        {
            var inputs = Rows.Random(random, rows.Length, 3 * width);
            using var x = Rows.Float(inputs);
            using var y = new NativeBuffer(rows.Length * Rows.FloatStride(width));
            var end = (width + 31) / 32 * 32;
            foreach (var (first, last) in new[] { (0, end / 64 * 32), (end / 64 * 32, end) })
            {
                kernels.Call(
                    "ShortConvolution.Run", format != KeyValueFormat.F32, sequences, Pieces.Length, x.Address, Rows.FloatStride(3 * width), 0, width, 2 * width, width, tapMemory.Address, count,
                    hasBias ? biasMemory.Address : (nint)0, (nint)PageOffset, y.Address, Rows.FloatStride(width), first, last);
            }

            for (var row = 0; row < rows.Length; row++)
            {
                kept[rows[row]].Add(CacheRounding.Round(Enumerable.Range(0, width).Select(i => inputs[row][i] * inputs[row][(2 * width) + i]).ToArray(), cached));
                var sums = Reference.Numerics.ShortConvolution.Apply(taps, bias, kept[rows[row]], width);
                Rows.ShouldEqual(
                    y.Span<float>(row * Rows.FloatStride(width), width), sums.Select((sum, i) => inputs[row][width + i] * sum).ToArray(),
                    $"{kernels.Kind} convolution of {count} in {format}, {width} columns, position {positions[row]}");
            }
        });
    }

    /// <summary>Pages of all sequences, and the passes that fill them.</summary>
    private sealed class Pages(int sequences, nint unitBytes) : IDisposable
    {
        private const int PagesEach = 2;
        private readonly NativeBuffer _memory = new(sequences * PagesEach * (unitBytes + PageOffset));

        /// <summary>Runs a pass for each piece: given the sequences in memory, and sequence and position of each row.</summary>
        public void Feed(Action<nint, int[], int[]> pass)
        {
            for (var step = 0; step < Pieces[0].Length; step++)
            {
                var slices = new SequenceSlice[sequences];
                var tables = new NativeBuffer[sequences];
                for (var s = 0; s < sequences; s++)
                {
                    tables[s] = NativeBuffer.Of<nint>([.. Enumerable.Range(0, PagesEach).Select(page => _memory.Address + (((s * PagesEach) + page) * (unitBytes + PageOffset)))]);
                    slices[s] = new SequenceSlice { FirstRow = Pieces[..s].Sum(pieces => pieces[step]), Rows = Pieces[s][step], Position = Pieces[s][..step].Sum(), Pages = (byte**)tables[s].Address };
                }

                using var table = NativeBuffer.Of<SequenceSlice>(slices);
                pass(
                    table.Address, [.. slices.SelectMany((slice, s) => Enumerable.Repeat(s, (int)slice.Rows))],
                    [.. slices.SelectMany(slice => Enumerable.Range((int)slice.Position, (int)slice.Rows))]);
                foreach (var pointers in tables)
                    pointers.Dispose();
            }
        }

        public void Dispose() => _memory.Dispose();
    }
}
