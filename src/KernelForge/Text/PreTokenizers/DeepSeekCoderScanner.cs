namespace KernelForge.Text;

/// <summary>
/// DeepSeek Coder cuts in turn by <c>[\r\n]</c>, <c>\s?\p{L}+</c>, <c>\s?\p{P}+</c>, <c>[一-龥ࠀ-一가-퟿]+</c> and single digits, each inside the pieces
/// of the one before. This finds the same cuts in one pass.
/// </summary>
internal static class DeepSeekCoderScanner
{
    /// <summary>The end of the word at <paramref name="start"/>.</summary>
    public static int Next(ReadOnlySpan<byte> text, int start)
    {
        var first = Characters.At(text, start, out var length);
        if (IsLineEnd(text, start) || first == CharacterClass.Number)
            return start + length;

        var kind = PieceAt(text, start);
        var index = start + length;

        // The space before a run of letters or punctuation belongs to it, but is cut off where the run is of the other side of the last two cuts.
        var isEastAsian = IsEastAsian(text, start);
        while (index < text.Length && !IsLineEnd(text, index))
        {
            var found = Characters.At(text, index, out length);
            var continues = kind == CharacterClass.Other ? PieceAt(text, index) == CharacterClass.Other : found == kind;
            if (!continues || found == CharacterClass.Number || IsEastAsian(text, index) != isEastAsian)
                break;
            index += length;
        }

        return index;
    }

    /// <summary>Which cut a piece that begins here is from: Letter, Punctuation, or Other for what lies between those.</summary>
    private static CharacterClass PieceAt(ReadOnlySpan<byte> text, int index)
    {
        var found = Characters.At(text, index, out var length);
        if (found == CharacterClass.Space)
            found = Characters.At(text, index + length, out _);
        return found is CharacterClass.Letter or CharacterClass.Punctuation ? found : CharacterClass.Other;
    }

    private static bool IsEastAsian(ReadOnlySpan<byte> text, int index) =>
        text[index] >= 0x80 && Characters.Read(text, index, out _) is (>= 0x0800 and <= 0x9FA5) or (>= 0xAC00 and <= 0xD7FF);

    private static bool IsLineEnd(ReadOnlySpan<byte> text, int index) => text[index] is (byte)'\r' or (byte)'\n';
}
