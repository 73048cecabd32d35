namespace KernelForge.Formats.Quantization;

/// <summary>
/// Quantizes rows of a matrix. Without inputs, each block for itself by <see cref="ScaleSearch"/>; with mean squares of the inputs, the same with these as
/// weights of the error; with their whole moments, by GPTQ (<see cref="ErrorFeedback"/>), and of both answers each row takes the one with the smaller
/// output error.
/// </summary>
public static class MatrixQuantizer
{
    private const int Tile = 16;

    /// <summary>Quantizes rows.</summary>
    /// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
    /// <param name="rows">The values, each row a multiple of 32 long.</param>
    /// <param name="inputs">Of the inputs that these rows meet, or null.</param>
    /// <param name="outputs">Where each row's blocks go.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>What it changed.</returns>
    /// <exception cref="OverflowException">A scale is beyond the range of f16.</exception>
    public static QuantizationError Quantize(WeightType type, float[][] rows, InputMoments? inputs, Memory<byte>[] outputs, CancellationToken cancellation = default)
    {
        var tiles = new QuantizationError[(rows.Length + Tile - 1) / Tile];
        var feedback = inputs is { IsFull: true } ? inputs.Feedback(cancellation) : null;
        Parallel.For(0, tiles.Length, new ParallelOptions { CancellationToken = cancellation }, tile =>
        {
            var (first, last) = (tile * Tile, Math.Min(rows.Length, (tile + 1) * Tile));
            tiles[tile] = feedback is not null
                ? FeedbackRounding.Quantize(type, rows[first..last], inputs!, feedback, outputs.AsSpan(first, last - first))
                : Round(type, rows.AsSpan(first, last - first), inputs, outputs.AsSpan(first, last - first));
        });

        // Added in one order, so that the sums are the same on every run.
        return tiles.Aggregate(default(QuantizationError), (sum, tile) => sum + tile);
    }

    /// <summary>Quantizes one row block by block.</summary>
    /// <param name="type">The type.</param>
    /// <param name="row">The values.</param>
    /// <param name="importance">A weight for each squared error, or null.</param>
    /// <param name="output">Its blocks.</param>
    /// <param name="rounded">What they stand for.</param>
    internal static void RoundRow(WeightType type, ReadOnlySpan<float> row, InputMoments? importance, Span<byte> output, Span<float> rounded)
    {
        Span<short> codes = stackalloc short[BlockGrid.Length];
        Span<float> weights = stackalloc float[BlockGrid.Length];
        weights.Fill(1);
        var bytes = BlockGrid.Bytes(type);
        for (var block = 0; block < row.Length / BlockGrid.Length; block++)
        {
            var values = row.Slice(block * BlockGrid.Length, BlockGrid.Length);
            importance?.Diagonal.Slice(block * BlockGrid.Length, BlockGrid.Length).CopyTo(weights);
            var grid = Checked(ScaleSearch.Fit(type, values, weights));
            for (var i = 0; i < values.Length; i++)
            {
                codes[i] = grid.Code(values[i]);
                rounded[(block * BlockGrid.Length) + i] = grid.Value(codes[i]);
            }

            grid.Write(codes, output.Slice(block * bytes, bytes));
        }
    }

    /// <summary>A grid whose scale f16 can hold.</summary>
    /// <exception cref="OverflowException">It cannot.</exception>
    internal static BlockGrid Checked(BlockGrid grid) =>
        grid.IsFinite ? grid : throw new OverflowException("A weight is too large for a scale in f16.");

    private static QuantizationError Round(WeightType type, ReadOnlySpan<float[]> rows, InputMoments? inputs, ReadOnlySpan<Memory<byte>> outputs)
    {
        var error = default(QuantizationError);
        var rounded = new float[rows[0].Length];
        for (var r = 0; r < rows.Length; r++)
        {
            RoundRow(type, rows[r], inputs, outputs[r].Span, rounded);
            error += Measure(rows[r], rounded, inputs);
        }

        return error;
    }

    // Inputs of different columns are taken for independent here: their products are not known.
    private static QuantizationError Measure(ReadOnlySpan<float> row, ReadOnlySpan<float> rounded, InputMoments? inputs)
    {
        var error = default(QuantizationError);
        for (var i = 0; i < row.Length; i++)
        {
            var (difference, value) = ((double)rounded[i] - row[i], (double)row[i]);
            var weight = inputs is null ? 0 : inputs.Diagonal[i];
            error += new QuantizationError(difference * difference, value * value, weight * difference * difference, weight * value * value);
        }

        return error;
    }
}
