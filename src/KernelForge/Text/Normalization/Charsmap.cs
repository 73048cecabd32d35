using System.Globalization;
using System.Text;

namespace KernelForge.Text;

/// <summary>
/// SentencePiece's precompiled map of characters, used as it lies in the model file: bytes of the trie (u32), a double-array trie (Darts-clone) of u32
/// units, and the replacements, each ended by a zero byte.
/// </summary>
internal sealed unsafe class Charsmap
{
    private const int LongestGrapheme = 5;

    private readonly uint* _units;
    private readonly uint _unitCount;
    private readonly byte* _replacements;
    private readonly int _replacementLength;

    public Charsmap(byte* data, ulong length)
    {
        if (!Fits(data, length))
            throw TokenizerTables.Damaged("a precompiled map of characters does not fit its step", 0);
        var trieLength = *(uint*)data;
        _units = (uint*)(data + sizeof(uint));
        _unitCount = (uint)(trieLength / sizeof(uint));
        _replacements = data + sizeof(uint) + trieLength;
        _replacementLength = (int)(length - sizeof(uint) - trieLength);
    }

    /// <summary>Whether a map has an answer to every text: its trie leads nowhere else, and all its replacements end.</summary>
    public static bool IsSound(ReadOnlySpan<byte> data)
    {
        fixed (byte* first = data)
            return Fits(first, (ulong)data.Length) && new Charsmap(first, (ulong)data.Length).IsClosed();
    }

    private static bool Fits(byte* data, ulong length) =>
        length is > sizeof(uint) and <= int.MaxValue && *(uint*)data is > 0 and var trieLength && trieLength <= length - sizeof(uint) && trieLength % sizeof(uint) == 0;

    private bool IsClosed()
    {
        var seen = new bool[_unitCount];
        var pending = new Stack<uint>([OffsetOf(_units[0])]);
        while (pending.TryPop(out var place))
        {
            for (var label = 1u; label < 256; label++)
            {
                if ((place ^ label) is var index && index >= _unitCount)
                    return false;
                var unit = _units[index];
                if (!IsChild(unit, label) || seen[index])
                    continue;
                seen[index] = true;
                var next = index ^ OffsetOf(unit);
                if (IsEnd(unit) && (next >= _unitCount || RestAt((int)(_units[next] & 0x7FFF_FFFF)).IndexOf((byte)0) < 0))
                    return false;
                pending.Push(next);
            }
        }

        return true;
    }

    /// <summary>Appends the mapped text.</summary>
    /// <param name="text">What is mapped.</param>
    /// <param name="longest">
    /// Whether the longest key at each place is replaced, as SentencePiece does. Otherwise Hugging Face's way: a grapheme of few bytes as a whole, by
    /// the shortest key that it begins with; every other one character by character.
    /// </param>
    /// <param name="output">Where it goes.</param>
    public void Apply(ReadOnlySpan<byte> text, bool longest, ByteBuffer output)
    {
        if (longest)
            ApplyLongest(text, output);
        else
            ApplyGraphemes(text, output);
    }

    private void ApplyLongest(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        while (!text.IsEmpty)
        {
            var place = Find(text, longest: true, out var length);
            if (place < 0)
            {
                length = Characters.LengthAt(text, 0);
                output.Add(text[..length]);
            }
            else
            {
                output.Add(ReplacementAt(place));
            }

            text = text[length..];
        }
    }

    private void ApplyGraphemes(ReadOnlySpan<byte> text, ByteBuffer output)
    {
        var characters = Encoding.UTF8.GetString(text).AsSpan();
        while (!characters.IsEmpty)
        {
            var units = StringInfo.GetNextTextElementLength(characters);
            var length = Encoding.UTF8.GetByteCount(characters[..units]);
            AddGrapheme(text[..length], output);
            text = text[length..];
            characters = characters[units..];
        }
    }

    private void AddGrapheme(ReadOnlySpan<byte> grapheme, ByteBuffer output)
    {
        if (grapheme.Length <= LongestGrapheme && Find(grapheme, longest: false, out _) is var whole and >= 0)
        {
            output.Add(ReplacementAt(whole));
            return;
        }

        while (!grapheme.IsEmpty)
        {
            var character = grapheme[..Characters.LengthAt(grapheme, 0)];
            output.Add(Find(character, longest: false, out _) is var place and >= 0 ? ReplacementAt(place) : character);
            grapheme = grapheme[character.Length..];
        }
    }

    /// <summary>The place of the replacement of a key that the text begins with, or -1.</summary>
    private int Find(ReadOnlySpan<byte> text, bool longest, out int length)
    {
        var (found, index) = (-1, 0u);
        length = 0;
        var unit = Unit(0);
        index ^= OffsetOf(unit);
        for (var i = 0; i < text.Length && text[i] != 0; i++)
        {
            index ^= text[i];
            unit = Unit(index);
            if (!IsChild(unit, text[i]))
                break;
            index ^= OffsetOf(unit);
            if (IsEnd(unit))
            {
                found = (int)(Unit(index) & 0x7FFF_FFFF);
                length = i + 1;
                if (!longest)
                    break;
            }
        }

        return found;
    }

    // The label, and a bit that only leaves have.
    private static bool IsChild(uint unit, uint label) => (unit & 0x8000_00FF) == label;

    private static bool IsEnd(uint unit) => (unit >> 8 & 1) != 0;

    private static uint OffsetOf(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    private uint Unit(uint index) =>
        index < _unitCount ? _units[index] : throw TokenizerTables.Damaged($"a precompiled map of characters refers to unit {index} of {_unitCount}", 0);

    private ReadOnlySpan<byte> ReplacementAt(int place)
    {
        var rest = RestAt(place);
        return rest.IndexOf((byte)0) is var end and >= 0
            ? rest[..end]
            : throw TokenizerTables.Damaged("a replacement of a precompiled map of characters has no end", 0);
    }

    private ReadOnlySpan<byte> RestAt(int place) => place < _replacementLength ? new ReadOnlySpan<byte>(_replacements + place, _replacementLength - place) : default;
}
