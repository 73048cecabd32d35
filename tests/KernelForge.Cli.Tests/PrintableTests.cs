using System.Text;
using KernelForge.Terminal;

namespace KernelForge.Cli.Tests;

/// <summary>No text that a model, a file or a user chose reaches a terminal with control characters in it.</summary>
[Collection("kforge")]
public class PrintableTests
{
    public static TheoryData<string, string> Texts => new()
    {
        { "plain\ttext\nof two lines \u00e9\u4e2d\U0001F600", "plain\ttext\nof two lines \u00e9\u4e2d\U0001F600" },
        { "\u001b[31mred\u001b[0m", "[31mred[0m" },
        { "\u001b]0;title\u0007", "]0;title" },
        { "all fine\rkforge: no", "all finekforge: no" },
        { "a\b\0\u007fb", "ab" },
        { "\u009b31m\u0085\u0090x\u00a0", "31mx\u00a0" },
        { "\u202etxt.exe\u202c \u2066x\u2069 \u200d\u2070", "txt.exe x \u200d\u2070" },
        { "\u001b", "" },
        { "", "" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Control_characters_are_taken_out(string text, string shown)
    {
        Printable.Of(text).ShouldBe(shown);
        using var stream = new MemoryStream();
        Printable.Write(stream, Encoding.UTF8.GetBytes(text));
        Encoding.UTF8.GetString(stream.ToArray()).ShouldBe(shown);
        using var writer = new StringWriter();
        using (var console = new PrintableWriter(writer))
        {
            console.Write(text);
            console.Write(text.ToCharArray());
            foreach (var c in text)
                console.Write(c);
        }
        writer.ToString().ShouldBe(shown + shown + shown);
    }

    [Fact]
    public void Bytes_and_characters_are_judged_alike()
    {
        for (var c = '\0'; c < '\ud800'; c++)
        {
            using var stream = new MemoryStream();
            Printable.Write(stream, Encoding.UTF8.GetBytes([c]));
            (stream.Length > 0).ShouldBe(Printable.Is(c), $"U+{(int)c:X4}");
        }
    }

    [Theory]
    [InlineData("800", 800)]
    [InlineData("2k", 2048)]
    [InlineData("1.5G", 1610612736)]
    [InlineData("3T", 3298534883328)]
    public void Sizes_are_read(string text, long bytes)
    {
        var option = KernelForge.Options.SizeOption.Create("", "--memory");
        new System.CommandLine.Command("x") { option }.Parse(["--memory", text]).GetValue(option).ShouldBe(bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1M")]
    [InlineData("1MB")]
    [InlineData("M")]
    [InlineData("99999999999999T")]
    public void What_is_no_size_is_refused(string text)
    {
        var (code, _, error) = Kforge.Run("generate", "model.gguf", "--ids", "1", "--memory", text);
        code.ShouldBe(2);
        error.ShouldContain("--memory");
    }
}
