namespace KernelForge.Text;

/// <summary>Makes tokens of a word. Belongs to one thread at a time.</summary>
internal abstract class WordModel(TokenizerTables tables)
{
    /// <summary>Longest word whose memory is worth keeping for the next text.</summary>
    protected const int SmallWord = 16_384;

    private readonly bool _fallsBackToBytes = tables.Header.Flags.HasFlag(TokenizerFlags.ByteFallback);

    /// <summary>The mapped tables.</summary>
    protected TokenizerTables Tables { get; } = tables;

    /// <summary>Whether its memory is worth keeping for the next text.</summary>
    public abstract bool IsSmall { get; }

    /// <summary>Look-ups so far: what its time is made of.</summary>
    public long Lookups { get; protected set; }

    /// <summary>The model of a section.</summary>
    public static WordModel Create(TokenizerTables tables) => tables.Header.Algorithm switch
    {
        TokenizerAlgorithm.Unigram => new UnigramModel(tables),
        TokenizerAlgorithm.WordPiece => new WordPieceModel(tables),
        _ => new BytePairModel(tables),
    };

    /// <summary>Appends the tokens of a word, which is not empty.</summary>
    public abstract void Append(ReadOnlySpan<byte> word, TokenBuffer tokens);

    /// <summary>Whether every byte of a character has a token of its own and the model wants those rather than an unknown token.</summary>
    protected bool FallsBackToBytes(ReadOnlySpan<byte> character)
    {
        if (!_fallsBackToBytes)
            return false;
        foreach (var value in character)
        {
            if (Tables.TokenOfByte(value) < 0)
                return false;
        }

        return true;
    }
}
