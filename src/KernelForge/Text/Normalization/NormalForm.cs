using System.Text;

namespace KernelForge.Text;

/// <summary>
/// Unicode's normal forms (UAX #15), by own tables: under invariant globalization <c>string.Normalize</c> returns its input.
/// Linear in the text but for the sorting of marks.
/// </summary>
internal static class NormalForm
{
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TrailCount;

    /// <summary>Below this code point everything is composed, and nothing composes with what stands before it.</summary>
    private const int FirstCombining = 0x300;

    private static readonly Lazy<Dictionary<long, int>> Compositions = new(static () =>
    {
        var table = NormalizationTables.Decompositions;
        var pairs = new Dictionary<long, int>(1000);
        for (var i = 0; i < table.Length; i += 3)
        {
            if ((table[i + 1] & NormalizationTables.Composes) != 0)
                pairs.Add(Pair(table[i + 1] & ~NormalizationTables.Composes, table[i + 2]), table[i]);
        }

        return pairs;
    });

    /// <summary>Whether the UTF-8 text is in normal form for certain, by a look at its bytes alone.</summary>
    public static bool IsCertain(NormalFormKind kind, ReadOnlySpan<byte> text) =>
        text.IndexOfAnyInRange(kind == NormalFormKind.Composed ? (byte)0xCC : (byte)0x80, (byte)0xFF) < 0;

    /// <summary>Appends the text in normal form.</summary>
    public static void Normalize(NormalFormKind kind, ReadOnlySpan<byte> text, ByteBuffer output)
    {
        // A key holds combining class, place and code point, so that sorting a run of marks by it is the canonical order.
        var keys = new List<long>(text.Length);
        var compatible = kind is NormalFormKind.CompatibilityComposed or NormalFormKind.CompatibilityDecomposed;
        for (var index = 0; index < text.Length;)
        {
            Decompose(Characters.Read(text, index, out var length), compatible, keys);
            index += length;
        }

        var characters = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(keys);
        Order(characters);
        if (kind is NormalFormKind.Composed or NormalFormKind.CompatibilityComposed)
            characters = characters[..Compose(characters)];
        Encode(characters, output);
    }

    private static void Decompose(int codePoint, bool compatible, List<long> keys)
    {
        if (codePoint < 0xA0)
        {
            Add(codePoint, 0, keys);
        }
        else if (codePoint - SyllableBase is var syllable && (uint)syllable < SyllableCount)
        {
            Add(LeadBase + (syllable / (VowelCount * TrailCount)), 0, keys);
            Add(VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount), 0, keys);
            if (syllable % TrailCount != 0)
                Add(TrailBase + (syllable % TrailCount), 0, keys);
        }
        else if (compatible && SearchCompatible(codePoint) is var parts && !parts.IsEmpty)
        {
            foreach (var part in parts)
                Decompose(part, compatible, keys);
        }
        else if (Search(NormalizationTables.Decompositions, codePoint) is var place && place >= 0 && NormalizationTables.Decompositions[place] == codePoint)
        {
            Decompose(NormalizationTables.Decompositions[place + 1] & ~NormalizationTables.Composes, compatible, keys);
            if (NormalizationTables.Decompositions[place + 2] is var second and not 0)
                Decompose(second, compatible, keys);
        }
        else
        {
            Add(codePoint, ClassOf(codePoint), keys);
        }
    }

    private static void Add(int codePoint, int combiningClass, List<long> keys) =>
        keys.Add(((long)combiningClass << 53) | ((long)keys.Count << 21) | (uint)codePoint);

    private static void Order(Span<long> keys)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var start = i;
            while (i < keys.Length && keys[i] >> 53 != 0)
                i++;
            if (i - start > 1)
                keys[start..i].Sort();
        }
    }

    /// <summary>Joins each character with the last starter before it, where the two compose and nothing blocks them; returns the new length.</summary>
    private static int Compose(Span<long> keys)
    {
        var (count, starter, lastClass) = (0, -1, -1);
        foreach (var key in keys)
        {
            var (codePoint, combiningClass) = ((int)(key & 0x1F_FFFF), (int)(key >> 53));
            if (starter >= 0 && lastClass < combiningClass
                && ComposePair((int)(keys[starter] & 0x1F_FFFF), codePoint) is var composed and >= 0)
            {
                keys[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
                (starter, lastClass) = (count, -1);
            else
                lastClass = combiningClass;
            keys[count++] = key;
        }

        return count;
    }

    private static int ComposePair(int first, int second)
    {
        if ((uint)(first - LeadBase) < LeadCount && (uint)(second - VowelBase) < VowelCount)
            return SyllableBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TrailCount);
        if ((uint)(first - SyllableBase) < SyllableCount && (first - SyllableBase) % TrailCount == 0 && (uint)(second - TrailBase - 1) < TrailCount - 1)
            return first + second - TrailBase;
        return Compositions.Value.TryGetValue(Pair(first, second), out var composed) ? composed : -1;
    }

    private static int ClassOf(int codePoint)
    {
        if (codePoint < FirstCombining)
            return 0;
        var place = Search(NormalizationTables.CombiningClasses, codePoint);
        return place >= 0 && codePoint <= NormalizationTables.CombiningClasses[place + 1] ? NormalizationTables.CombiningClasses[place + 2] : 0;
    }

    /// <summary>Place of the last triple whose first element is at most the code point, or negative.</summary>
    private static int Search(ReadOnlySpan<int> triples, int codePoint)
    {
        var (low, high) = (0, triples.Length / 3);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (triples[middle * 3] <= codePoint)
                low = middle + 1;
            else
                high = middle;
        }

        return (low - 1) * 3;
    }

    /// <summary>What a code point is compatible with, in one step; or nothing.</summary>
    private static ReadOnlySpan<int> SearchCompatible(int codePoint)
    {
        var place = Search(NormalizationTables.Compatibles, codePoint);
        return place >= 0 && NormalizationTables.Compatibles[place] == codePoint
            ? NormalizationTables.CompatibleParts.Slice(NormalizationTables.Compatibles[place + 1], NormalizationTables.Compatibles[place + 2])
            : default;
    }

    private static void Encode(ReadOnlySpan<long> keys, ByteBuffer output)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var key in keys)
            output.Add(bytes[..new Rune((int)(key & 0x1F_FFFF)).EncodeToUtf8(bytes)]);
    }

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;
}
