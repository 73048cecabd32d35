using System.ComponentModel;
using System.Runtime.InteropServices;

namespace KernelForge.Text;

/// <summary>How the <c>tokenizer</c> section lies in memory (docs/packed-tokenizer.md); shared by the packer and the run time.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TokenizerLayout
{
    /// <summary><c>KFTOKEN2</c> in little-endian order.</summary>
    public const ulong Magic = 0x324E_454B_4F54_464B;

    /// <summary>An empty slot of a hash table; no token id.</summary>
    public const uint Empty = uint.MaxValue;

    /// <summary>Bits of a token's kind byte that hold its <see cref="TokenKind"/>.</summary>
    public const byte KindMask = 0x03;

    /// <summary>Bit of a special token's kind byte: white space before it belongs to it.</summary>
    public const byte StripsLeft = 0x04;

    /// <summary>Bit of a special token's kind byte: white space behind it belongs to it.</summary>
    public const byte StripsRight = 0x08;

    /// <summary>Bit of a special token's kind byte: found only where no word character stands beside it.</summary>
    public const byte SingleWord = 0x10;

    /// <summary>Bit of a token's kind byte: the token ends an answer.</summary>
    public const byte EndOfGeneration = 0x80;

    /// <summary>Code points in a block of a <c>character map</c>.</summary>
    public const int BlockSize = 128;

    /// <summary>Blocks that a character map's index covers: all of Unicode.</summary>
    public const int BlockCount = 0x110000 / BlockSize;

    /// <summary>The hash of no bytes.</summary>
    public const ulong HashStart = 0xCBF2_9CE4_8422_2325;

    /// <summary>The hash of some bytes and one more.</summary>
    public static ulong HashStep(ulong hash, byte value) => (hash ^ value) * 0x100_0000_01B3;

    /// <summary>Where the search for a token begins in a table of <paramref name="capacity"/> ids, by the hash of its bytes.</summary>
    public static uint HashSlot(ulong hash, uint capacity) => Reduce((uint)((hash * 0x9E37_79B9_7F4A_7C15) >> 32), capacity);

    /// <summary>The hash of a token's bytes.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = HashStart;
        foreach (var value in bytes)
            hash = HashStep(hash, value);
        return hash;
    }

    /// <summary>Where the search for the pair (left, right) begins in a table of <paramref name="capacity"/> merges.</summary>
    public static uint MergeSlot(uint left, uint right, uint capacity)
    {
        var hash = (((ulong)left << 32) | right) * 0x9E37_79B9_7F4A_7C15;
        return Reduce((uint)((hash ^ (hash >> 29)) >> 32), capacity);
    }

    private static uint Reduce(uint hash, uint capacity) => (uint)(((ulong)hash * capacity) >> 32);
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

/// <summary>One step between text and words.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StructLayout(LayoutKind.Sequential)]
public struct StepSlot
{
    /// <summary>What the step does.</summary>
    public StepKind Kind;

    /// <summary>What <see cref="StepKind"/> says of it.</summary>
    public uint Options;

    /// <summary>Where the step's data begins in the section; a multiple of 8.</summary>
    public ulong Offset;

    /// <summary>Bytes of the step's data.</summary>
    public ulong Length;
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

/// <summary>How a word becomes tokens.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TokenizerAlgorithm : uint
{
    /// <summary>Byte-pair encoding of bytes.</summary>
    ByteBytePair = 1,

    /// <summary>Byte-pair encoding of characters.</summary>
    CharacterBytePair = 2,

    /// <summary>The most probable cut into tokens that have a probability each.</summary>
    Unigram = 3,

    /// <summary>The longest token first.</summary>
    WordPiece = 4,
}

/// <summary>What a model expects of its tokenizer.</summary>
[Flags]
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TokenizerFlags : uint
{
    /// <summary>Nothing further.</summary>
    None = 0,

    /// <summary>A word that is a token is that token, whatever the merges say.</summary>
    WholeWords = 1,

    /// <summary>A character without a token becomes the tokens of its bytes.</summary>
    ByteFallback = 2,

    /// <summary>Neighbouring unknown characters are one unknown token.</summary>
    FuseUnknown = 4,

    /// <summary>The first token of a text loses the space that it begins with.</summary>
    StripsFirstSpace = 8,

    /// <summary>What has no token becomes the unknown token instead of nothing.</summary>
    WritesUnknown = 16,

    /// <summary>No space is written before a full stop, comma, exclamation or question mark (WordPiece).</summary>
    CleansSpaces = 32,

    /// <summary>All of them.</summary>
    All = 63,
}

/// <summary>What a step does to the text before tokens are made of it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum StepKind : uint
{
    /// <summary>Unicode's normal form; options: <see cref="NormalFormKind"/>.</summary>
    NormalForm = 1,

    /// <summary>Every character in lower case.</summary>
    Lowercase = 2,

    /// <summary>A <see cref="CharacterAction"/> for every character; data: a character map.</summary>
    Characters = 3,

    /// <summary>White space is removed; options: 1 at the beginning, 2 at the end.</summary>
    Strip = 4,

    /// <summary>Matches are replaced; data: length (u64), bytes, up to the next multiple of 8 zeros, automaton.</summary>
    Replace = 5,

    /// <summary>The data is put before a text that is not empty.</summary>
    Prepend = 6,

    /// <summary>SentencePiece's precompiled map; options: 1 the longest match, 0 grapheme by grapheme as Hugging Face does. Data: as in the model file.</summary>
    Charsmap = 7,

    /// <summary>Cuts at matches; options: <see cref="SplitBehavior"/>, +256 where what does not match is the match. Data: automaton.</summary>
    Split = 16,

    /// <summary>A piece that does not begin with the data gets it put before it; options: <see cref="PrefixScheme"/>.</summary>
    Prefix = 17,

    /// <summary>Every space of a piece becomes the data.</summary>
    Spaces = 18,

    /// <summary>Runs of digits are cut into threes, counted from the right.</summary>
    DigitGroups = 19,
}

/// <summary>What becomes of a match and of what stands beside it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum SplitBehavior : uint
{
    /// <summary>The match is a piece of its own.</summary>
    Isolated = 0,

    /// <summary>The match is left out.</summary>
    Removed = 1,

    /// <summary>The match ends the piece before it.</summary>
    MergedWithPrevious = 2,

    /// <summary>The match begins the piece behind it.</summary>
    MergedWithNext = 3,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous = 4,
}

/// <summary>Which pieces get a prefix.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum PrefixScheme : uint
{
    /// <summary>All.</summary>
    Always = 0,

    /// <summary>The one that begins the text.</summary>
    First = 1,
}

/// <summary>What becomes of a character.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum CharacterAction : byte
{
    /// <summary>It stays.</summary>
    Keep = 0,

    /// <summary>It goes.</summary>
    Remove = 1,

    /// <summary>It becomes a space.</summary>
    Space = 2,

    /// <summary>It stands between spaces.</summary>
    Surround = 3,
}

/// <summary>Unicode's normal forms (UAX #15).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum NormalFormKind : uint
{
    /// <summary>NFC.</summary>
    Composed = 0,

    /// <summary>NFD.</summary>
    Decomposed = 1,

    /// <summary>NFKC.</summary>
    CompatibilityComposed = 2,

    /// <summary>NFKD.</summary>
    CompatibilityDecomposed = 3,
}
