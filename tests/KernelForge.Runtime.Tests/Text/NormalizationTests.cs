using System.Globalization;
using System.Text;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>Unicode's normal form C, seen through a tokenizer that applies it: its tokens spell the normalized text.</summary>
public sealed class NormalizationTests
{
    private static readonly Tokenizer Qwen2 = GoldenTokenizer.Load("qwen2").Tokenizer;

    /// <summary>Data/normalization.txt holds random sequences, and every composite decomposed, with what Python's unicodedata (Unicode 14) makes of them.</summary>
    [Fact]
    public void Text_is_composed_as_the_reference_composes_it()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Data", "normalization.txt"));
        lines.Length.ShouldBeGreaterThan(600);
        lines.Select(line => line.Split(';')).Where(pair => Normalize(Text(pair[0])) != Text(pair[1])).Select(pair => pair[0]).ShouldBeEmpty();
    }

    [Fact]
    public void Normalizing_twice_changes_nothing()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 500; trial++)
        {
            var text = string.Concat(Enumerable.Range(0, 12).Select(_ => new Rune(random.Next(4) == 0 ? random.Next(0x300, 0x370) : random.Next(0xA0, 0x3100))));
            var once = Normalize(text);
            Normalize(once).ShouldBe(once);
        }
    }

    private static string Normalize(string text) => Qwen2.Decode(Qwen2.Encode(text));

    private static string Text(string codePoints) =>
        string.Concat(codePoints.Split(' ').Select(code => char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
