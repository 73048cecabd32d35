using System.Buffers.Binary;

namespace KernelForge.Formats.Conversion;

/// <summary>
/// Writes 32 evenly spaced values as a block of Q4_1. Scale and minimum have to be rounded to f16, and a minimum is many steps away from zero, so its
/// rounding costs most. A block can as well count down from its largest value, and its scale can be a neighbour of the nearest f16: of all these the one
/// is taken whose other end happens to lie closest to an f16.
/// </summary>
internal static class AffineBlock
{
    private const int Values = 32;
    private const int MostCodes = 16;

    /// <summary>Writes code * scale + minimum.</summary>
    /// <returns>False where scale or minimum are beyond the range of f16.</returns>
    /// <exception cref="NotSupportedException">The codes are no sixteen evenly spaced ones.</exception>
    public static bool Write(ReadOnlySpan<short> codes, float scale, float minimum, Span<byte> output)
    {
        var (lowest, step, last) = Spacing(codes);
        Span<byte> up = stackalloc byte[Values];
        Span<byte> down = stackalloc byte[Values];
        for (var i = 0; i < Values; i++)
        {
            up[i] = (byte)((codes[i] - lowest) / step);
            down[i] = (byte)(last - up[i]);
        }

        var spacing = (double)scale * step;
        var first = minimum + ((double)scale * lowest);
        var rising = Fit.Of(up, spacing, first);
        var falling = Fit.Of(down, -spacing, first + (spacing * last));
        var best = falling.Error < rising.Error ? falling : rising;
        BinaryPrimitives.WriteHalfLittleEndian(output, best.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(output[2..], best.Minimum);
        BlockWriter.WriteNibbles(falling.Error < rising.Error ? down : up, output[4..]);
        return Half.IsFinite(best.Scale) && Half.IsFinite(best.Minimum);
    }

    // The codes are lowest, lowest + step, ... lowest + last * step.
    private static (int Lowest, int Step, int Last) Spacing(ReadOnlySpan<short> codes)
    {
        int lowest = codes[0], highest = codes[0];
        foreach (var code in codes)
            (lowest, highest) = (Math.Min(lowest, code), Math.Max(highest, code));
        var step = 0;
        foreach (var code in codes)
            step = GreatestDivisor(step, code - lowest);
        step = Math.Max(step, 1);
        var last = (highest - lowest) / step;
        return last < MostCodes ? (lowest, step, last) : throw new NotSupportedException($"Codes from {lowest} to {highest} in steps of {step} are more than {MostCodes}.");
    }

    private static int GreatestDivisor(int a, int b) => b == 0 ? a : GreatestDivisor(b, a % b);

    private readonly record struct Fit(Half Scale, Half Minimum, double Error)
    {
        /// <summary>The f16 numbers that fit steps * scale + minimum best, and the sum of the squares of what they miss.</summary>
        public static Fit Of(ReadOnlySpan<byte> steps, double scale, double minimum)
        {
            var (sum, squares) = (0, 0);
            foreach (var step in steps)
                (sum, squares) = (sum + step, squares + (step * step));

            var nearest = (Half)scale;
            var best = new Fit(nearest, (Half)minimum, double.PositiveInfinity);
            foreach (var candidate in (ReadOnlySpan<Half>)[nearest, Half.BitDecrement(nearest), Half.BitIncrement(nearest)])
            {
                var scaleError = (double)candidate - scale;
                var shifted = (Half)(minimum - (scaleError * sum / Values));
                var minimumError = (double)shifted - minimum;
                var error = (squares * scaleError * scaleError) + (2 * sum * scaleError * minimumError) + (Values * minimumError * minimumError);
                if (error < best.Error)
                    best = new Fit(candidate, shifted, error);
            }
            return best;
        }
    }
}
