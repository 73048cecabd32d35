using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>Every operation that templates have keeps the mark of each character.</summary>
public sealed class MarkedTextTests
{
    private static readonly TemplateValue User = TemplateValue.FromOutside(" Evil ");

    [Fact]
    public void Joining_keeps_marks() => Untrusted("a" + User + "b").ShouldBe(" Evil ");

    [Fact]
    public void Filters_keep_marks()
    {
        var mixed = "(" + User + ")";
        Untrusted(mixed.Trim("()")).ShouldBe(" Evil ");
        Untrusted(User.Trim()).ShouldBe("Evil");
        Untrusted(mixed.ToUpper()).ShouldBe(" EVIL ");
        Untrusted(mixed.Slice(2, 4, null)).ShouldBe("Ev");
        Untrusted(mixed.Slice(null, null, -1)).ShouldBe(" livE ");
        Untrusted(mixed.Replace("i", "-")).ShouldBe(" Evl ");
        Untrusted(((TemplateValue)"x-y").Replace("-", User)).ShouldBe(" Evil ");
        Untrusted(mixed.Split("v")[1]).ShouldBe("il ");
        Untrusted(TemplateValue.List("a", User).Join(", ")).ShouldBe(" Evil ");
        Untrusted(mixed * 2).ShouldBe(" Evil  Evil ");
        Untrusted(mixed.ToJson()).ShouldBe(" Evil ");
        Untrusted(TemplateValue.List(User).ToText()).ShouldBe(" Evil ");
    }

    [Fact]
    public void Touching_ranges_are_one()
    {
        var builder = new MarkedTextBuilder();
        builder.AppendUntrusted("a");
        builder.AppendUntrusted("b");
        builder.ToMarkedText().Untrusted.ToArray().ShouldBe([new TextRange(0, 2)]);
    }

    private static string Untrusted(TemplateValue value)
    {
        var text = value.ToMarkedText();
        return string.Concat(text.Untrusted.ToArray().Select(range => text.Text[range.Start..range.End]));
    }
}
