namespace KernelForge.Fuzz.Mutation;

/// <summary>Regular expressions as tokenizers have them, most of them sound: groups, sets, repetitions inside each other.</summary>
internal static class ExpressionGenerator
{
    private static readonly string[] Atoms =
    [
        "a", "b", " ", "\u00e9", "\U0001F600", ".", @"\s", @"\S", @"\d", @"\w", @"\W", @"\p{L}", @"\p{Lu}", @"\P{N}", @"\p{^P}", @"\p{Han}", @"\r", @"\x{10FFFF}", @"\u0041", @"\x41", "$", @"\z", "(?!a)", @"(?=\s)",
        "[a-z]", @"[^\s\p{L}]", @"[\p{L}&&[^a]]", "[[:alpha:]]", "[]a]", "[a-", "[z-a]", "(", ")", "^", @"\", @"\b", "{", "}", "*", "|", "(?i)", "(?>a)", "(?<=a)", "\0",
    ];

    private static readonly string[] Quantifiers = ["*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{0}", "{1,3}", "{,2}", "{2,}", "{1000}", "{0,1000}", "{1001}", "{3,1}", "{99999999999}"];

    /// <summary>One by chance.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="depth">Groups inside groups at most.</param>
    public static string Next(Random random, int depth = 4) => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Item(random, depth)));

    private static string Item(Random random, int depth)
    {
        var item = (depth > 0 ? random.Next(5) : 4) switch
        {
            0 => $"({Next(random, depth - 1)})",
            1 => $"(?:{Next(random, depth - 1)}|{Next(random, depth - 1)})",
            2 => $"(?i:{Next(random, depth - 1)})",
            // What a mutation of sound expressions rarely has: many of something.
            3 when random.Next(8) == 0 => Repeat(Next(random, depth - 1), 1 << random.Next(12)),
            _ => Atoms[random.Next(Atoms.Length)],
        };
        return random.Next(3) == 0 ? item + Quantifiers[random.Next(Quantifiers.Length)] : item;
    }

    private static string Repeat(string item, int count) => string.Concat(Enumerable.Repeat(item, Math.Min(count, 5000 / (item.Length + 1))));
}
