using System.Text;
using System.Text.RegularExpressions;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;

namespace KernelForge.Formats.Tests.Tokenizers;

/// <summary>Compiled expressions find what a backtracking matcher finds, and read each character a bounded number of times.</summary>
public sealed unsafe class ExpressionTests
{
    private static readonly string[] Pieces =
    [
        " ", "  ", "\n", "\r", "\t", "a", "B", "re", "'s", "'LL", "'", "12", "3", "\u00BD", "\u00E9", "\u0301", "\u4F60", "\u3042", "\uD55C", "...", "!", "/", "(", "|", "\u3000", "\u0085", "\u200B", "<sentinel:1>", "IMGIMGABZ", "=",
    ];

    public static TheoryData<string> Patterns =>
    [
        .. PreTokenizerCatalog.Names.SelectMany(name => PreTokenizerCatalog.Find(name)!.Patterns).Distinct()
            .Where(pattern => !pattern.Contains("&&") && !pattern.Contains("++") && !pattern.Contains('$') && !pattern.Contains("{Han}") && !pattern.Contains(@"\x{")),
        "a|ab", "ab|a", "(a|ab)(c|bcd)?", "a*?b", "(?:a|b)*?a{2}", "[^a]+?(?=b)", "x*", "a+b|a", "(a?){3}b", @"[\s\d]*!", @"(?i)hello|RE", "a{2,}|a",
    ];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Matches_are_those_of_a_backtracking_matcher(string pattern)
    {
        // Left out above is what .NET reads differently: intersections, possessive quantifiers, scripts, code points, $ before a line end.
        var bytes = AutomatonCompiler.Compile(pattern);
        var reference = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(30));
        var random = new Random(23);
        for (var trial = 0; trial < 200; trial++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 10)).Select(_ => Pieces[random.Next(Pieces.Length)])) + (trial % 2 == 0 ? "x" : " ");
            var expected = reference.Matches(text).Where(match => match.Length > 0).Select(match => match.Value);
            Run(bytes, text, out _).ShouldBe(expected, $"{pattern} on {text}");
        }
    }

    [Fact]
    public void Every_published_expression_compiles()
    {
        foreach (var name in PreTokenizerCatalog.Names)
            PreTokenizerCatalog.Find(name)!.Steps().Count.ShouldBePositive(name);
    }

    [Theory]
    [InlineData(@"\s+$", "    x")]
    [InlineData(@"\s+$", " ")]
    [InlineData("a+b|a", "a")]
    [InlineData(@"[0-9]+[a-z]", "1")]
    [InlineData("<sentinel:[0-9]+>", "<sentinel:1")]
    public void Failures_are_remembered(string pattern, string unit)
    {
        var bytes = AutomatonCompiler.Compile(pattern);
        Run(bytes, string.Concat(Enumerable.Repeat(unit, 2_000)) + "-", out var once);
        Run(bytes, string.Concat(Enumerable.Repeat(unit, 8_000)) + "-", out var fourTimes);
        fourTimes.ShouldBeLessThan((once * 9 / 2) + 100);
    }

    [Theory]
    [InlineData("a++b|[ab]++a", "possessive")]
    [InlineData("(?<=a)b", "look behind")]
    [InlineData("(?=ab)", "more than one character")]
    [InlineData("^a", "'^'")]
    [InlineData("(a", "')'")]
    [InlineData("a)", "')'")]
    [InlineData("[a", "']'")]
    [InlineData(@"\p{Nonsense}", "Nonsense")]
    [InlineData(@"\bword", @"'\b'")]
    [InlineData("*a", "nothing before")]
    [InlineData("[b-a]", "range")]
    [InlineData("(?>a)", "atomic")]
    [InlineData("a{5000}", "quantifier")]
    [InlineData(@"a\", "backslash")]
    [InlineData("(a{1000}){1000}", "states")]
    [InlineData(".*a.{1000}", "states")]
    [InlineData("(?:(?:(?:(?:){1000}){1000}){1000}){1000}", "repeats too much")]
    public void What_is_wrong_or_not_supported_is_named(string pattern, string expected) =>
        Should.Throw<ExpressionException>(() => AutomatonCompiler.Compile(pattern)).Message.ShouldContain(expected);

    /// <summary>Expressions of downloaded files: whatever they are, they take no memory to speak of, and no stack.</summary>
    [Fact]
    public void Long_expressions_take_little_memory()
    {
        var characters = string.Concat(Enumerable.Range(0, 3000).Select(i => (char)(0x4E00 + (2 * i))));
        string[] patterns =
        [
            $"[{characters}]", $"[{characters}{characters}{characters}]", string.Concat(Enumerable.Repeat(@"[\p{L}&&[^a]]", 250)), "(a|b)*a(a|b){18}",
            "a" + new string('*', 4000), "a" + string.Concat(Enumerable.Repeat("{1}", 1300)), "a++" + string.Concat(Enumerable.Repeat("(?:b?){1000}", 9)), new string('(', 4000),
        ];
        AutomatonCompiler.Compile(@"\p{L}"); // tables of all characters, once
        foreach (var pattern in patterns)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                AutomatonCompiler.Compile(pattern);
            }
            catch (ExpressionException)
            {
                // Refused, which is as well.
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 << 20, pattern[..Math.Min(20, pattern.Length)]);
        }
    }

    [Fact]
    public void Over_bytes_each_byte_is_the_character_that_spells_it()
    {
        // The bytes of U+00FC are spelled by U+00C3, a letter, and U+00BC, a number.
        var bytes = AutomatonCompiler.Compile(@"\p{N}+", overBytes: true);
        fixed (byte* data = bytes)
        {
            var automaton = new Automaton(data, (ulong)bytes.Length);
            var steps = 0L;
            automaton.Match("\u00FC1"u8, 0, default, ref steps).ShouldBe(-1);
            automaton.Match("\u00FC1"u8, 1, default, ref steps).ShouldBe(3);
        }
    }

    [Fact]
    public void A_look_behind_a_line_end_and_intersections_are_those_of_the_dialect()
    {
        Run(AutomatonCompiler.Compile(@"\s+$"), "a \n b  ", out _).ShouldBe([" ", "  "]);
        Run(AutomatonCompiler.Compile(@"[\p{L}&&[^\p{Han}]]+"), "ab\u4F60cd", out _).ShouldBe(["ab", "cd"]);
        Run(AutomatonCompiler.Compile(@"[^\s\p{L}]++[\r\n]*"), "a!?\n\nb", out _).ShouldBe(["!?\n\n"]);
        Run(AutomatonCompiler.Compile("(?i:'s)"), "'s'S'\u017F", out _).ShouldBe(["'s", "'S", "'\u017F"]);
        Run(AutomatonCompiler.Compile(@"[\x{1F5F}-\x{1F7D}\u0041]+"), "A\u1F60 B", out _).ShouldBe(["A\u1F60"]);
        Run(AutomatonCompiler.Compile(@"\w+"), "a\u00BD_\u24B6", out _).ShouldBe(["a\u00BD_\u24B6"]);
    }

    private static List<string> Run(byte[] bytes, string text, out long steps)
    {
        fixed (byte* data = bytes)
        {
            var automaton = new Automaton(data, (ulong)bytes.Length);
            var utf8 = Encoding.UTF8.GetBytes(text);
            var failures = automaton.MayFallBack ? new ushort[utf8.Length] : [];
            var found = new List<string>();
            steps = 0;
            for (var index = 0; index < utf8.Length;)
            {
                var end = automaton.Match(utf8, index, failures, ref steps);
                if (end > index)
                    found.Add(Encoding.UTF8.GetString(utf8.AsSpan(index..end)));
                index = end > index ? end : index + Characters.LengthAt(utf8, index);
            }

            return found;
        }
    }
}
