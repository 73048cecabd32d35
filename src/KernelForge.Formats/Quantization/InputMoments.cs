using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelForge.Formats.Quantization;

/// <summary>
/// Second moments of what a matrix reads, summed over tokens: X^T X for inputs X [tokens, width], of which the output's squared error is a quadratic form.
/// Above <see cref="WidestFull"/> only the diagonal is kept: the whole takes 8 bytes and its factorization a sixth of an operation per width^3.
/// </summary>
public sealed class InputMoments
{
    /// <summary>The widest matrix whose moments are kept whole.</summary>
    public const int WidestFull = 4096;

    private readonly double[] _values;
    private readonly float[] _diagonal;
    private ErrorFeedback? _feedback;

    /// <summary>Sums over some tokens.</summary>
    /// <param name="inputs">[tokens][width]; at least one token.</param>
    /// <param name="onlyDiagonal">Leaves the rest out.</param>
    /// <param name="cancellation">Ends the work.</param>
    public InputMoments(double[][] inputs, bool onlyDiagonal = false, CancellationToken cancellation = default)
    {
        Width = inputs[0].Length;
        IsFull = !onlyDiagonal && Width <= WidestFull;
        _values = new double[IsFull ? (long)Width * Width : 0];
        _diagonal = new float[Width];
        var sums = new double[Width];
        foreach (var input in inputs)
        {
            for (var i = 0; i < Width; i++)
                sums[i] += input[i] * input[i];
        }

        for (var i = 0; i < Width; i++)
            _diagonal[i] = (float)(sums[i] / inputs.Length);
        if (IsFull)
            Parallel.For(0, Width, new ParallelOptions { CancellationToken = cancellation }, row => Sum(inputs, row));
    }

    /// <summary>Values of an input.</summary>
    public int Width { get; }

    /// <summary>Whether products of different columns are known, not squares only.</summary>
    public bool IsFull { get; }

    /// <summary>Mean squares [width]: how much an error in a column counts.</summary>
    public ReadOnlySpan<float> Diagonal => _diagonal;

    /// <summary>A row of the lower triangle: the products of column <paramref name="row"/> with columns 0 to <paramref name="row"/>.</summary>
    internal ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * Width, row + 1);

    /// <summary>The factorization of the moments, made once.</summary>
    internal ErrorFeedback Feedback(CancellationToken cancellation) => _feedback ??= new ErrorFeedback(this, cancellation);

    private void Sum(double[][] inputs, int row)
    {
        var target = _values.AsSpan(row * Width, row + 1);
        foreach (var input in inputs)
        {
            var factor = input[row];
            if (factor == 0)
                continue;
            var left = MemoryMarshal.Cast<double, Vector<double>>(target);
            var right = MemoryMarshal.Cast<double, Vector<double>>(input.AsSpan(0, target.Length));
            for (var i = 0; i < left.Length; i++)
                left[i] += right[i] * factor;
            for (var i = left.Length * Vector<double>.Count; i < target.Length; i++)
                target[i] += input[i] * factor;
        }
    }
}
