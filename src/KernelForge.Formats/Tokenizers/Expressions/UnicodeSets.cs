using System.Collections.Concurrent;
using System.Globalization;

namespace KernelForge.Formats.Tokenizers;

/// <summary>The sets of characters that regular expressions name.</summary>
internal static class UnicodeSets
{
    private static readonly ConcurrentDictionary<string, CharacterSet?> Sets = new(StringComparer.Ordinal);
    private static readonly Lazy<byte[]> Categories = new(static () =>
        [.. Enumerable.Range(0, CharacterSet.Last + 1).Select(static codePoint => (byte)CharUnicodeInfo.GetUnicodeCategory(codePoint))]);

    // A pattern of a few thousand characters may name one of them in every other one.
    private static readonly Lazy<CharacterSet> Words = new(static () => Alphabetic.Union(CharacterSet.Of((0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE))));
    private static readonly Lazy<CharacterSet> WordsWithJoiners = new(static () => Alphabetic.Union(CharacterSet.Of((0x200C, 0x200D))));

    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>Unicode's White_Space.</summary>
    public static CharacterSet Space { get; } = CharacterSet.Of(
        (0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000));

    /// <summary>Decimal digits.</summary>
    public static CharacterSet Digit => Require("Nd");

    /// <summary>What <c>\w</c> stands for in expressions: Unicode's Alphabetic, marks, decimal digits, connectors; of Latin-1 all numbers.</summary>
    public static CharacterSet Word => Words.Value;

    /// <summary>What the pre-tokenizer <c>Whitespace</c> takes for parts of a word, which is not what expressions do: joiners, but only decimal numbers.</summary>
    public static CharacterSet WordWithJoiners => WordsWithJoiners.Value;

    private static CharacterSet Alphabetic =>
        Require("L").Union(Require("M")).Union(Require("Nd")).Union(Require("Nl")).Union(Require("Pc"))
            .Union(CharacterSet.Of((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)));

    /// <summary>Punctuation, and what is punctuation only in ASCII.</summary>
    public static CharacterSet Punctuation => Require("P").Union(CharacterSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')));

    /// <summary>The set of a general category (<c>L</c>, <c>Lu</c>) that must exist.</summary>
    public static CharacterSet Require(string name) => Find(name) ?? throw new ArgumentException($"no such category: {name}", nameof(name));

    /// <summary>The set of a name as in <c>\p{name}</c>: a general category or a script; or null.</summary>
    public static CharacterSet? Find(string name) => Sets.GetOrAdd(name, static name => name switch
    {
        "Han" or "Script=Han" or "sc=Han" => Scripts.Han,
        "Hiragana" => Scripts.Hiragana,
        "Katakana" => Scripts.Katakana,
        "Hangul" => Scripts.Hangul,
        "Letter" => OfCategory("L"),
        "Mark" => OfCategory("M"),
        "Number" => OfCategory("N"),
        "Punctuation" or "Punct" or "punct" => OfCategory("P"),
        "Symbol" => OfCategory("S"),
        "Alnum" or "alnum" => OfCategory("L")!.Union(OfCategory("M")!).Union(OfCategory("Nd")!),
        "Alpha" or "alpha" => OfCategory("L")!.Union(OfCategory("M")!),
        "Space" or "space" => Space,
        _ => OfCategory(name),
    });

    private static CharacterSet? OfCategory(string name)
    {
        if (name.Length is not (1 or 2) || !Array.Exists(Names, known => known.StartsWith(name, StringComparison.Ordinal)))
            return null;
        var categories = Categories.Value;
        return CharacterSet.Where(codePoint => Names[categories[codePoint]].StartsWith(name, StringComparison.Ordinal));
    }
}
