using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A tokenizer as it is packed, whatever file it was read from.</summary>
internal sealed class TokenizerModel
{
    /// <summary>How a word becomes tokens.</summary>
    public required TokenizerAlgorithm Algorithm { get; init; }

    /// <summary>What else the model expects.</summary>
    public TokenizerFlags Flags { get; init; }

    /// <summary>What each token decodes to.</summary>
    public required byte[][] Texts { get; init; }

    /// <summary>What each token matches; empty: nothing. The same as <see cref="Texts"/> where a token matches what it decodes to.</summary>
    public required byte[][] Words { get; init; }

    /// <summary>Kind and flags of each token (<see cref="TokenizerLayout"/>).</summary>
    public required byte[] Kinds { get; init; }

    /// <summary>Special tokens that are found in normalized text.</summary>
    public IReadOnlySet<int> Normalized { get; init; } = new HashSet<int>();

    /// <summary>The token of each byte, or -1.</summary>
    public required int[] ByteTokens { get; init; }

    /// <summary>The merges of byte-pair encoding.</summary>
    public MergeSlot[] Merges { get; init; } = [];

    /// <summary>Logarithms of probabilities, the last for what has no token; of a unigram model only.</summary>
    public double[] Scores { get; init; } = [];

    /// <summary>What normalizes a text.</summary>
    public IReadOnlyList<TokenizerStep> Normalizers { get; init; } = [];

    /// <summary>What cuts it into words.</summary>
    public IReadOnlyList<TokenizerStep> Splits { get; init; } = [];

    /// <summary>Tokens before a text.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>Tokens behind a text.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>Token that begins a text, or -1.</summary>
    public int BeginOfSequence { get; init; } = -1;

    /// <summary>Token that ends a text, or -1.</summary>
    public int EndOfSequence { get; init; } = -1;

    /// <summary>Token for unknown text, or -1.</summary>
    public int Unknown { get; init; } = -1;

    /// <summary>Token that fills up a batch, or -1.</summary>
    public int Padding { get; init; } = -1;

    /// <summary>Characters that a word may have (WordPiece).</summary>
    public uint LongestInput { get; init; }

    /// <summary>The token of each single byte that some token spells alone, by what tokens match; -1 where there is none.</summary>
    public static int[] FindByteTokens(byte[][] words, byte[] kinds)
    {
        var tokens = new int[256];
        Array.Fill(tokens, -1);
        for (var id = 0; id < words.Length; id++)
        {
            if (words[id].Length == 1 && kinds[id] == (byte)TokenKind.Normal)
                tokens[words[id][0]] = id;
        }

        return tokens;
    }
}
