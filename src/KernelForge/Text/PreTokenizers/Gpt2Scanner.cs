namespace KernelForge.Text;

/// <summary>
/// GPT-2: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, over the whole text or over the segments
/// between characters that are cut out before it.
/// </summary>
internal static class Gpt2Scanner
{
    /// <summary>The end of the word at <paramref name="start"/>.</summary>
    public static unsafe int Next(ReadOnlySpan<byte> text, int start) => Next(text, start, isolated: null);

    /// <summary>The end of the word at <paramref name="start"/>; characters for which <paramref name="isolated"/> holds end a segment.</summary>
    public static unsafe int Next(ReadOnlySpan<byte> text, int start, delegate*<ReadOnlySpan<byte>, int, bool> isolated)
    {
        if (WordScanner.Contraction(text, start, ignoreCase: false) is var contraction and > 0)
            return start + contraction;

        var first = Classify(text, start, out var length);
        var body = start;
        if (text[start] == (byte)' ' && !EndsSegment(text, start + 1, isolated))
        {
            body = start + 1;
            first = Classify(text, body, out length);
        }

        if (first != CharacterClass.Space)
        {
            var end = body + length;
            while (!EndsSegment(text, end, isolated) && Classify(text, end, out length) == first)
                end += length;
            return end;
        }

        var runEnd = WordScanner.RunEnd(text, start, CharacterClass.Space);
        return WordScanner.SpaceEnd(text, start, EndsSegment(text, runEnd, isolated), runEnd);
    }

    /// <summary>SmolLM: every digit is a word of its own, GPT-2 between them.</summary>
    public static unsafe int NextOfSmolLM(ReadOnlySpan<byte> text, int start) =>
        Characters.At(text, start, out var length) == CharacterClass.Number ? start + length : Next(text, start, &IsNumber);

    private static bool IsNumber(ReadOnlySpan<byte> text, int index) => Characters.At(text, index, out _) == CharacterClass.Number;

    private static unsafe bool EndsSegment(ReadOnlySpan<byte> text, int index, delegate*<ReadOnlySpan<byte>, int, bool> isolated) =>
        index >= text.Length || (isolated != null && isolated(text, index));

    private static CharacterClass Classify(ReadOnlySpan<byte> text, int index, out int length) =>
        Characters.At(text, index, out length) is var found && found == CharacterClass.Punctuation ? CharacterClass.Other : found;
}
