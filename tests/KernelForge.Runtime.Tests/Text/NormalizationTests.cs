using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>Unicode's normal forms; form C also through a tokenizer that applies it: its tokens spell the normalized text.</summary>
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

    /// <summary>
    /// Data/normalization-blocks.txt (eng/normalization_tables.py) digests what Python makes of each code point: alone, which shows how it decomposes and whether
    /// it composes again; after a mark of the highest combining class and, where marks are, before one of every class, which shows its own; and what the other forms make of it alone.
    /// </summary>
    [Fact]
    public void Every_code_point_decomposes_composes_and_is_ordered_as_by_the_reference()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Data", "normalization-blocks.txt"));
        lines.Length.ShouldBe(1 + (0x110000 / 0x1000));
        var marks = Text(lines[0]);
        lines[1..].Where(line => line != Block(int.Parse(line.Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), marks)).ShouldBeEmpty();
    }

    private static string Block(int first, string marks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var output = new ByteBuffer();
        foreach (var codePoint in Enumerable.Range(first, 0x1000).Where(Rune.IsValid))
        {
            var character = char.ConvertFromUtf32(codePoint);
            Append(character, NormalFormKind.Composed);
            Append("a\u0345" + character, NormalFormKind.Composed);
            if (codePoint < 0x20000)
                Append(character + marks, NormalFormKind.Composed);
            Append(character, NormalFormKind.Decomposed);
            Append(character, NormalFormKind.CompatibilityComposed);
            Append(character, NormalFormKind.CompatibilityDecomposed);
        }

        return $"{first:X} {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}";

        void Append(string text, NormalFormKind form)
        {
            output.Clear();
            NormalForm.Normalize(form, Encoding.UTF8.GetBytes(text), output);
            hash.AppendData(output.Written);
            hash.AppendData([0xFF]);
        }
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
