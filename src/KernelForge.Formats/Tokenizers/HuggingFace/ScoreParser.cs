using System.Globalization;

namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// Reads scores as Hugging Face's tokenizers read them: the digits as an integer, then one division by a power of ten, which is not always the nearest
/// number. Where two ways to cut a word have the same probability, the last bit decides between them.
/// </summary>
internal static class ScoreParser
{
    private const int LargestPower = 308;

    public static double Parse(TokenizerElement score)
    {
        var nearest = score.AsNumber();
        var text = score.Value.GetRawText();
        var (significand, exponent) = (0ul, 0);
        var isFraction = false;
        foreach (var character in text)
        {
            if (character is 'e' or 'E')
            {
                exponent += int.Parse(text.AsSpan(text.IndexOf(character) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }

            if (character == '.')
                isFraction = true;
            if (!char.IsAsciiDigit(character))
                continue;
            var digit = (ulong)(character - '0');
            if (significand > (ulong.MaxValue - digit) / 10)
            {
                // Digits that an integer of 64 bits has no room for are dropped behind the point; before it a score has never so many.
                if (!isFraction)
                    return nearest;
                continue;
            }

            significand = (significand * 10) + digit;
            exponent -= isFraction ? 1 : 0;
        }

        if (Math.Abs(exponent) > LargestPower)
            return nearest;
        var power = double.Parse($"1e{Math.Abs(exponent)}", CultureInfo.InvariantCulture);
        var value = exponent < 0 ? significand / power : significand * power;
        return text[0] == '-' ? -value : value;
    }
}
