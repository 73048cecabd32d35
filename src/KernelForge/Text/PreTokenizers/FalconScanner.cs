namespace KernelForge.Text;

/// <summary>
/// Falcon: runs of punctuation are cut out, GPT-2 works between them, and in what that gives digits are cut off and taken in threes.
/// </summary>
internal static class FalconScanner
{
    /// <summary>The end of the word at <paramref name="start"/>.</summary>
    public static unsafe int Next(ReadOnlySpan<byte> text, int start)
    {
        if (IsPunctuation(text, start))
        {
            var end = start;
            while (end < text.Length && IsPunctuation(text, end))
            {
                Characters.At(text, end, out var length);
                end += length;
            }

            return end;
        }

        if (IsDigit(text, start))
        {
            var end = start + 1;
            while (end < start + 3 && IsDigit(text, end))
                end++;
            return end;
        }

        if (text[start] == (byte)' ' && IsDigit(text, start + 1))
            return start + 1;
        return Gpt2Scanner.Next(text, start, &EndsSegment);
    }

    private static bool EndsSegment(ReadOnlySpan<byte> text, int index) => IsPunctuation(text, index);

    private static bool IsDigit(ReadOnlySpan<byte> text, int index) => index < text.Length && char.IsAsciiDigit((char)text[index]);

    /// <summary>\p{P}, and what is punctuation only in ASCII.</summary>
    private static bool IsPunctuation(ReadOnlySpan<byte> text, int index) =>
        Characters.At(text, index, out _) == CharacterClass.Punctuation
        || (text[index] is (byte)'$' or (byte)'+' or (byte)'<' or (byte)'=' or (byte)'>' or (byte)'^' or (byte)'~' or (byte)'|' or (byte)'`');
}
