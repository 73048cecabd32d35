using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KernelForge.Text;

/// <summary>The first bytes of the <c>tokenizer</c> section (docs/packed-tokenizer.md). Offsets count from its start.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct TokenizerHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 256;

    /// <summary><see cref="TokenizerLayout.Magic"/>.</summary>
    public ulong Magic;

    /// <summary>How a word becomes tokens.</summary>
    public TokenizerAlgorithm Algorithm;

    /// <summary>What else the model expects.</summary>
    public TokenizerFlags Flags;

    /// <summary>Number of tokens.</summary>
    public uint Tokens;

    /// <summary>Token that begins a text, or -1.</summary>
    public int BeginOfSequence;

    /// <summary>Token that ends a text, or -1.</summary>
    public int EndOfSequence;

    /// <summary>Token for unknown text, or -1.</summary>
    public int Unknown;

    /// <summary>Token that fills up a batch, or -1.</summary>
    public int Padding;

    /// <summary>Slots of the merge table.</summary>
    public uint MergeCapacity;

    /// <summary>Slots of the vocabulary table.</summary>
    public uint VocabularyCapacity;

    /// <summary>Number of special tokens that are found in the text as it comes.</summary>
    public uint Specials;

    /// <summary>Number of special tokens that are found in the normalized text.</summary>
    public uint NormalizedSpecials;

    /// <summary>Bytes of what all tokens decode to.</summary>
    public uint TextLength;

    /// <summary>Bytes of what all tokens match; 0: they match what they decode to.</summary>
    public uint WordLength;

    /// <summary>Bytes of the longest ordinary token, as it matches.</summary>
    public uint LongestWord;

    /// <summary>Characters that a word may have before it is unknown as a whole (WordPiece).</summary>
    public uint LongestInput;

    /// <summary>Steps that normalize a text.</summary>
    public uint Normalizers;

    /// <summary>Steps that cut a normalized text into words.</summary>
    public uint Splits;

    /// <summary>Tokens that the model expects before a text.</summary>
    public uint Before;

    /// <summary>Tokens that the model expects behind a text.</summary>
    public uint After;

    /// <summary>Zero.</summary>
    public uint Reserved;

    /// <summary>[Tokens + 1] u32: where each token's bytes begin in the text; the last: where they end.</summary>
    public ulong TextStarts;

    /// <summary>[TextLength] what the tokens decode to.</summary>
    public ulong Text;

    /// <summary>[Tokens + 1] u32 into the words; empty where <see cref="WordLength"/> is 0.</summary>
    public ulong WordStarts;

    /// <summary>[WordLength] what the tokens match.</summary>
    public ulong Words;

    /// <summary>[Tokens] u8: <see cref="TokenKind"/> and flags.</summary>
    public ulong Kinds;

    /// <summary>[256] i32: the token of each single byte, or -1.</summary>
    public ulong Bytes;

    /// <summary>[MergeCapacity] <see cref="MergeSlot"/>.</summary>
    public ulong Merges;

    /// <summary>[VocabularyCapacity] u32 ids of ordinary tokens, hashed by what they match.</summary>
    public ulong Vocabulary;

    /// <summary>[Specials + NormalizedSpecials] u32 ids, each part in ascending order of what they match.</summary>
    public ulong SpecialIds;

    /// <summary>[Tokens + 1] f64, of a unigram model only: logarithms of probabilities, the last for what has no token.</summary>
    public ulong Scores;

    /// <summary>[Normalizers + Splits] <see cref="StepSlot"/>.</summary>
    public ulong Steps;

    /// <summary>[Before + After] u32 ids.</summary>
    public ulong Around;
}
