namespace KernelForge.Text;

/// <summary>Cuts text into the words inside of which tokens are merged. Written by hand: a regular expression would cost start-up time and code size.</summary>
internal static class WordScanner
{
    /// <summary>The end of the word that begins at <paramref name="start"/>, which lies inside the text.</summary>
    public static int Next(PreTokenizer kind, ReadOnlySpan<byte> text, int start) => kind switch
    {
        PreTokenizer.Gpt2 => Gpt2Scanner.Next(text, start),
        PreTokenizer.SmolLM => Gpt2Scanner.NextOfSmolLM(text, start),
        PreTokenizer.LlamaBpe => LlamaScanner.Next(text, start, digits: 3),
        PreTokenizer.Qwen2 => LlamaScanner.Next(text, start, digits: 1),
        PreTokenizer.DeepSeekCoder => DeepSeekCoderScanner.Next(text, start),
        PreTokenizer.Falcon => FalconScanner.Next(text, start),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such pre-tokenizer."),
    };

    /// <summary>The end of the run of characters of one class.</summary>
    public static int RunEnd(ReadOnlySpan<byte> text, int index, CharacterClass wanted)
    {
        while (Characters.At(text, index, out var length) == wanted && length > 0)
            index += length;
        return index;
    }

    /// <summary>Length of <c>'s</c>, <c>'t</c>, <c>'m</c>, <c>'d</c>, <c>'re</c>, <c>'ve</c> or <c>'ll</c> at a place, or 0.</summary>
    public static int Contraction(ReadOnlySpan<byte> text, int index, bool ignoreCase)
    {
        if (text[index] != (byte)'\'')
            return 0;
        var fold = ignoreCase ? 0x20 : 0;
        var first = index + 1 < text.Length ? text[index + 1] | fold : 0;
        var second = index + 2 < text.Length ? text[index + 2] | fold : 0;
        return (first, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => 0,
        };
    }

    /// <summary>
    /// Where a run of spaces is cut: <c>\s+(?!\S)|\s+</c>. All of it at the end of a segment; otherwise its last character is left for the word
    /// behind it, unless it is the only one.
    /// </summary>
    public static int SpaceEnd(ReadOnlySpan<byte> text, int start, bool segmentEnds, int runEnd)
    {
        if (segmentEnds)
            return runEnd;
        var last = runEnd - 1;
        while ((text[last] & 0xC0) == 0x80)
            last--;
        return last > start ? last : runEnd;
    }
}
