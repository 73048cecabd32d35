using System.Runtime.CompilerServices;
using System.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Sets of which the case does not matter.</summary>
internal static class CaseFolding
{
    private static readonly Lazy<ILookup<int, int>> Variants = new(static () => Enumerable.Range(0, CharacterSet.Last + 1)
        .Where(static codePoint => Rune.IsValid(codePoint) && Key(codePoint) is var key && (key != codePoint || codePoint < 0x80))
        .ToLookup(Key));

    // Expressions fold the same named sets again and again.
    private static readonly ConditionalWeakTable<CharacterSet, CharacterSet> Closed = [];

    /// <summary>The set with every character that differs from one of its own in case only. Sets of more than some thousand characters know no case.</summary>
    public static CharacterSet Close(CharacterSet set) => Closed.GetValue(set, Compute);

    private static CharacterSet Compute(CharacterSet set)
    {
        if (set.Ranges.Sum(static range => range.Last - range.First + 1L) > 4096)
            return set;
        var variants = set.Ranges.SelectMany(static range => Enumerable.Range(range.First, range.Last - range.First + 1))
            .Where(Rune.IsValid).SelectMany(static codePoint => Variants.Value[Key(codePoint)].Append(Key(codePoint)));
        return set.Union(CharacterSet.Of([.. variants.Select(static codePoint => (codePoint, codePoint))]));
    }

    // Upper case first: some characters have an upper case in common and no lower case. .NET gives the long s and the Kelvin sign none in ASCII.
    private static int Key(int codePoint) => codePoint switch
    {
        0x17F => 's',
        0x212A => 'k',
        _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(codePoint))).Value,
    };
}
