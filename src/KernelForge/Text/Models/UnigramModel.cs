namespace KernelForge.Text;

/// <summary>
/// Cuts a word into the tokens whose probabilities have the highest product (Kudo 2018), by Viterbi's algorithm: at each character, every token
/// that begins there offers itself to the place where it ends. Linear in the word, at most as many look-ups a character as the longest token has.
/// </summary>
internal sealed class UnigramModel(TokenizerTables tables) : WordModel(tables)
{
    private readonly int _longest = (int)Math.Min(tables.Header.LongestWord, int.MaxValue);
    private readonly double _unknownScore = tables.ScoreOf(tables.Header.Tokens);
    private double[] _scores = [];
    private int[] _starts = [];
    private int[] _ids = [];

    public override bool IsSmall => _scores.Length <= SmallWord;

    public override void Append(ReadOnlySpan<byte> word, TokenBuffer tokens)
    {
        Reserve(word.Length + 1);
        _scores.AsSpan(0, word.Length + 1).Fill(double.NegativeInfinity);
        _scores[0] = 0;
        for (var start = 0; start < word.Length;)
        {
            var length = Characters.LengthAt(word, start);
            if (!OfferTokens(word, start, length))
                Offer(start, start + length, _unknownScore, -1);
            start += length;
        }

        // The way back gives the tokens from the last to the first; their places in _ids are free by then, from the end on.
        var first = word.Length + 1;
        for (var end = word.Length; end > 0;)
        {
            var (start, id) = (_starts[end], _ids[end]);
            _ids[--first] = id;
            _starts[first] = start;
            end = start;
        }

        Write(word, first, tokens);
    }

    /// <summary>Offers the tokens that begin at a character; whether one of them is the character alone.</summary>
    private bool OfferTokens(ReadOnlySpan<byte> word, int start, int characterLength)
    {
        var found = false;
        var hash = TokenizerLayout.HashStart;
        var last = (int)Math.Min(word.Length, (long)start + _longest);
        for (var end = start; end < last;)
        {
            hash = TokenizerLayout.HashStep(hash, word[end++]);

            // Tokens are whole characters.
            if (end < word.Length && (word[end] & 0xC0) == 0x80)
                continue;
            Lookups++;
            if (Tables.FindToken(word[start..end], hash) is var id and >= 0)
            {
                Offer(start, end, Tables.ScoreOf((uint)id), id);
                found |= end - start == characterLength;
            }
        }

        return found;
    }

    private void Offer(int start, int end, double score, int id)
    {
        score += _scores[start];
        if (score > _scores[end])
            (_scores[end], _starts[end], _ids[end]) = (score, start, id);
    }

    private void Write(ReadOnlySpan<byte> word, int first, TokenBuffer tokens)
    {
        for (var i = first; i <= word.Length; i++)
        {
            if (_ids[i] >= 0)
            {
                tokens.Add(_ids[i]);
                continue;
            }

            var start = _starts[i];
            while (i < word.Length && _ids[i + 1] < 0)
                i++;
            var unknown = word[start..(i < word.Length ? _starts[i + 1] : word.Length)];
            if (FallsBackToBytes(unknown))
            {
                foreach (var value in unknown)
                    tokens.Add(Tables.TokenOfByte(value));
            }
            else if (Tables.Header.Unknown >= 0)
            {
                tokens.Add(Tables.Header.Unknown);
            }
        }
    }

    private void Reserve(int length)
    {
        if (_scores.Length >= length)
            return;
        var capacity = Math.Max(length, 128);
        _scores = new double[capacity];
        _starts = new int[capacity];
        _ids = new int[capacity];
    }
}
