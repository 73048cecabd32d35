using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KernelForge.Text;

/// <summary>How the <c>tokenizer</c> section lies in memory (docs/packed-tokenizer.md); shared by the packer and the run time.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TokenizerLayout
{
    /// <summary><c>KFTOKEN1</c> in little-endian order.</summary>
    public const ulong Magic = 0x314E_454B_4F54_464B;

    /// <summary>An empty slot of a hash table; no token id.</summary>
    public const uint Empty = uint.MaxValue;

    /// <summary>Bits of a token's kind byte that hold its <see cref="TokenKind"/>.</summary>
    public const byte KindMask = 0x7F;

    /// <summary>Bit of a token's kind byte: the token ends an answer.</summary>
    public const byte EndOfGeneration = 0x80;

    /// <summary>Where the search for the pair (left, right) begins in a table of <paramref name="capacity"/> merges.</summary>
    public static uint MergeSlot(uint left, uint right, uint capacity)
    {
        var hash = (((ulong)left << 32) | right) * 0x9E37_79B9_7F4A_7C15;
        return Reduce((uint)((hash ^ (hash >> 29)) >> 32), capacity);
    }

    /// <summary>Where the search for a token's bytes begins in a table of <paramref name="capacity"/> ids.</summary>
    public static uint VocabularySlot(ReadOnlySpan<byte> bytes, uint capacity)
    {
        var hash = 0xCBF2_9CE4_8422_2325;
        foreach (var value in bytes)
            hash = (hash ^ value) * 0x100_0000_01B3;
        hash *= 0x9E37_79B9_7F4A_7C15;
        return Reduce((uint)(hash >> 32), capacity);
    }

    private static uint Reduce(uint hash, uint capacity) => (uint)(((ulong)hash * capacity) >> 32);
}

/// <summary>The first bytes of the section. Offsets count from its start.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct TokenizerHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 128;

    /// <summary><see cref="TokenizerLayout.Magic"/>.</summary>
    public ulong Magic;

    /// <summary>The algorithm: 1, byte-level byte-pair encoding.</summary>
    public uint Algorithm;

    /// <summary>How text is cut into words before merging.</summary>
    public PreTokenizer PreTokenizer;

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

    /// <summary>Number of special tokens.</summary>
    public uint Specials;

    /// <summary>Bytes of all tokens.</summary>
    public uint TextLength;

    /// <summary>[Tokens + 1] u32: where each token's bytes begin in the text; the last: where they end.</summary>
    public ulong TextStarts;

    /// <summary>[TextLength] the bytes of all tokens.</summary>
    public ulong Text;

    /// <summary>[Tokens] u8: kind and end-of-generation bit.</summary>
    public ulong Kinds;

    /// <summary>[256] i32: the token of each single byte, or -1.</summary>
    public ulong Bytes;

    /// <summary>[MergeCapacity] <see cref="MergeSlot"/>.</summary>
    public ulong Merges;

    /// <summary>[VocabularyCapacity] u32 ids of ordinary tokens, hashed by their bytes.</summary>
    public ulong Vocabulary;

    /// <summary>[Specials] u32 ids of control and user-defined tokens in ascending order of their bytes.</summary>
    public ulong SpecialIds;
}

/// <summary>One merge: the pair (left, right) becomes result; lower ranks first. Empty slots have <see cref="TokenizerLayout.Empty"/> at the left.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StructLayout(LayoutKind.Sequential)]
public struct MergeSlot
{
    /// <summary>Left token.</summary>
    public uint Left;

    /// <summary>Right token.</summary>
    public uint Right;

    /// <summary>Place in the list of merges.</summary>
    public uint Rank;

    /// <summary>The token they become.</summary>
    public uint Result;
}

/// <summary>What a token is.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TokenKind : byte
{
    /// <summary>Ordinary text.</summary>
    Normal = 0,

    /// <summary>A control token: has a meaning, not a text.</summary>
    Control = 1,

    /// <summary>A word that is always found whole in a text.</summary>
    UserDefined = 2,
}

/// <summary>What a model expects of its tokenizer.</summary>
[Flags]
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TokenizerFlags : uint
{
    /// <summary>Nothing further.</summary>
    None = 0,

    /// <summary>A text begins with the begin token.</summary>
    AddBeginOfSequence = 1,

    /// <summary>A text ends with the end token.</summary>
    AddEndOfSequence = 2,

    /// <summary>Text is brought into Unicode's composed normal form first.</summary>
    NormalizeComposed = 4,

    /// <summary>A word that is a token is that token, whatever the merges say.</summary>
    WholeWords = 8,
}

/// <summary>How text is cut into words before merging; named as GGUF's <c>tokenizer.ggml.pre</c> names them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum PreTokenizer : uint
{
    /// <summary><c>gpt-2</c>.</summary>
    Gpt2 = 1,

    /// <summary><c>smollm</c>: as gpt-2, every digit alone.</summary>
    SmolLM = 2,

    /// <summary><c>llama-bpe</c>: digits in threes.</summary>
    LlamaBpe = 3,

    /// <summary><c>qwen2</c>: as llama-bpe, every digit alone.</summary>
    Qwen2 = 4,

    /// <summary><c>deepseek-coder</c>.</summary>
    DeepSeekCoder = 5,

    /// <summary><c>falcon</c>.</summary>
    Falcon = 6,
}
