using System.Text.RegularExpressions;

namespace KernelForge.Fuzz.Mutation;

/// <summary>Changes texts by their tokens: drops, doubles, swaps, repeats and splices them.</summary>
internal static partial class TextMutator
{
    private static readonly string[] Pieces =
    [
        "{%", "%}", "{{", "}}", "{#", "#}", "{%-", "-%}", "if", "else", "elif", "endif", "for", "endfor", "in", "set", "endset", "macro", "endmacro", "not", "(", ")", "[", "]", "{", "}", "|", ".", ":", ",",
        "=", "==", "~", "**", "%", "'", "\"", "\\", "'a'", "1", "99999999999999999999", "1e999", "loop", "is", "break", "recursive", "\0", "\u2028", "\ud800", "\n", "filter", "call", "include", "import",
    ];

    /// <summary>A copy of a template with a few changes.</summary>
    public static string Mutate(Random random, string text, string other) => Mutate(random, text, other, Pieces);

    /// <summary>A copy with a few changes.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="text">The text.</param>
    /// <param name="other">Another one, out of which tokens come into it.</param>
    /// <param name="pieces">Words of the language.</param>
    public static string Mutate(Random random, string text, string other, IReadOnlyList<string> pieces)
    {
        var tokens = Token().Matches(text).Select(match => match.Value).ToList();
        var others = Token().Matches(other);
        for (var changes = 1 + random.Next(5); changes > 0; changes--)
        {
            var at = random.Next(tokens.Count + 1);
            var count = Math.Min(tokens.Count - at, 1 + random.Next(12));
            switch (random.Next(7))
            {
                case 0:
                    tokens.RemoveRange(at, count);
                    break;
                case 1:
                    tokens.InsertRange(at, tokens.GetRange(at, count));
                    break;
                case 2 when count > 0:
                    tokens[at] = pieces[random.Next(pieces.Count)];
                    break;
                case 3:
                    tokens.Insert(at, pieces[random.Next(pieces.Count)]);
                    break;
                case 4 when others.Count > 0:
                    var from = random.Next(others.Count);
                    tokens.InsertRange(at, others.Skip(from).Take(1 + random.Next(20)).Select(match => match.Value));
                    break;
                case 5 when count > 0 && random.Next(8) == 0:
                    tokens.InsertRange(at, Enumerable.Repeat(tokens[at], 1 << random.Next(14)));
                    break;
                case 6 when count > 1:
                    (tokens[at], tokens[at + 1]) = (tokens[at + 1], tokens[at]);
                    break;
            }
        }

        return string.Concat(tokens);
    }

    [GeneratedRegex(@"\w+|\s+|\{[%{#]-?|-?[%}#]\}|.", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Token();
}
