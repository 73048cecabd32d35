namespace KernelForge.Text;

/// <summary>
/// Takes the longest token that a word begins with, then the longest that continues it, and so on; a word that cannot be spelled so is unknown as a
/// whole (Schuster and Nakajima 2012). Tokens that begin a word are stored with a space before them.
/// </summary>
internal sealed class WordPieceModel(TokenizerTables tables) : WordModel(tables)
{
    private readonly int _longest = (int)Math.Min(tables.Header.LongestWord, int.MaxValue);
    private readonly ByteBuffer _word = new();

    public override bool IsSmall => _word.Capacity <= SmallWord;

    public override void Append(ReadOnlySpan<byte> word, TokenBuffer tokens)
    {
        _word.Clear();
        _word.Add((byte)' ');
        _word.Add(word);
        var before = tokens.Count;
        if (IsTooLong(word) || !Spell(_word.Written, tokens))
        {
            tokens.Truncate(before);
            if (Tables.Header.Unknown >= 0)
                tokens.Add(Tables.Header.Unknown);
        }
    }

    private bool IsTooLong(ReadOnlySpan<byte> word)
    {
        if (word.Length <= Tables.Header.LongestInput)
            return false;
        var characters = 0u;
        foreach (var value in word)
            characters += (value & 0xC0) == 0x80 ? 0u : 1;
        return characters > Tables.Header.LongestInput;
    }

    private bool Spell(ReadOnlySpan<byte> word, TokenBuffer tokens)
    {
        for (var start = 0; start < word.Length;)
        {
            var (best, length) = (-1, 0);
            var hash = TokenizerLayout.HashStart;
            var last = (int)Math.Min(word.Length, (long)start + _longest);
            for (var end = start; end < last;)
            {
                hash = TokenizerLayout.HashStep(hash, word[end++]);
                if (end < word.Length && (word[end] & 0xC0) == 0x80)
                    continue;
                Lookups++;
                if (Tables.FindToken(word[start..end], hash) is var id and >= 0)
                    (best, length) = (id, end - start);
            }

            if (best < 0)
                return false;
            tokens.Add(best);
            start += length;
        }

        return true;
    }
}
