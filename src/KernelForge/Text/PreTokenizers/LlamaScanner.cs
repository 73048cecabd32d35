namespace KernelForge.Text;

/// <summary>
/// Llama 3 and Qwen 2: <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,d}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal static class LlamaScanner
{
    /// <summary>The end of the word at <paramref name="start"/>; a word has at most <paramref name="digits"/> digits.</summary>
    public static int Next(ReadOnlySpan<byte> text, int start, int digits)
    {
        if (WordScanner.Contraction(text, start, ignoreCase: true) is var contraction and > 0)
            return start + contraction;

        var first = Characters.At(text, start, out var length);
        if (first == CharacterClass.Letter)
            return WordScanner.RunEnd(text, start, CharacterClass.Letter);
        if (first == CharacterClass.Number)
            return NumberEnd(text, start, digits);
        var next = Characters.At(text, start + length, out var nextLength);
        if (!IsLineEnd(text, start) && next == CharacterClass.Letter && nextLength > 0)
            return WordScanner.RunEnd(text, start + length, CharacterClass.Letter);
        if (IsSymbol(first))
            return SymbolsEnd(text, start);
        if (text[start] == (byte)' ' && nextLength > 0 && IsSymbol(next))
            return SymbolsEnd(text, start + 1);
        return SpacesEnd(text, start);
    }

    private static int NumberEnd(ReadOnlySpan<byte> text, int start, int digits)
    {
        var end = start;
        for (var i = 0; i < digits && Characters.At(text, end, out var length) == CharacterClass.Number; i++)
            end += length;
        return end;
    }

    /// <summary><c>[^\s\p{L}\p{N}]+[\r\n]*</c>.</summary>
    private static int SymbolsEnd(ReadOnlySpan<byte> text, int index)
    {
        while (IsSymbol(Characters.At(text, index, out var length)) && length > 0)
            index += length;
        while (IsLineEnd(text, index))
            index++;
        return index;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
    private static int SpacesEnd(ReadOnlySpan<byte> text, int start)
    {
        var runEnd = WordScanner.RunEnd(text, start, CharacterClass.Space);
        var lastLineEnd = text[start..runEnd].LastIndexOfAny((byte)'\r', (byte)'\n');
        return lastLineEnd >= 0
            ? start + lastLineEnd + 1
            : WordScanner.SpaceEnd(text, start, runEnd == text.Length, runEnd);
    }

    private static bool IsSymbol(CharacterClass found) => found is CharacterClass.Punctuation or CharacterClass.Other;

    private static bool IsLineEnd(ReadOnlySpan<byte> text, int index) => index < text.Length && text[index] is (byte)'\r' or (byte)'\n';
}
