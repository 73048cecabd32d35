using KernelForge.Generator.ChatTemplates;

namespace KernelForge.Generator.Tests.ChatTemplates;

/// <summary>What is wrong or not supported is a problem with its line and column.</summary>
public sealed class UnsupportedTemplateTests
{
    [Theory]
    [InlineData("{% no_such_tag %}", 1, 4, "The tag 'no_such_tag' is not supported.")]
    [InlineData("ab\n{{ x | no_such }}", 2, 6, "The filter 'no_such' is not supported.")]
    [InlineData("{{ x.no_such() }}", 1, 5, "The method 'no_such' is not supported.")]
    [InlineData("{{ x is no_such }}", 1, 6, "The test 'no_such' is not supported.")]
    [InlineData("{{ no_such(1) }}", 1, 4, "The function 'no_such', called like this, is not supported.")]
    [InlineData("\n\n{% if x %}", 3, 1, "This tag has no 'endif'.")]
    [InlineData("{% endfor %}", 1, 1, "'endfor' ends nothing here.")]
    [InlineData("{{ x", 1, 1, "This tag is not closed by '}}'.")]
    [InlineData("{{ 'x }}", 1, 4, "This text is not closed.")]
    [InlineData("{# x", 1, 1, "This comment is not closed.")]
    [InlineData("{{ 10 ** 10 ** 10 }}", 1, 7, "The tag should end here; '**' is not supported at this place.")]
    [InlineData("{{ 1 < 2 < 3 }}", 1, 12, null)]
    [InlineData("{{ x ! y }}", 1, 6, "The character '!' has no meaning in a tag.")]
    [InlineData("{% break %}", 1, 4, "'break' stands in no loop.")]
    [InlineData("{% if x %}{% macro m() %}{% endmacro %}{% endif %}", 1, 11, "A macro inside of another tag is not supported.")]
    [InlineData("{{ x | tojson(separators=1) }}", 1, 15, "The argument 'separators' of 'tojson' is not supported.")]
    [InlineData("{% for x in y %}{{ loop.depth }}{% endfor %}", 1, 24, "'loop.depth' is not supported.")]
    [InlineData("{{ 99999999999999999999 }}", 1, 4, "This number does not fit 64 bits.")]
    public void A_problem_has_its_place(string template, int line, int column, string? message)
    {
        var result = ChatTemplateCompiler.Compile(template);
        result.Source.ShouldBeNull();
        var problem = result.Problems.ShouldHaveSingleItem();
        (problem.Line, problem.Column).ShouldBe((line, column), problem.Message);
        if (message is not null)
            problem.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("{", 30_000, "")]
    [InlineData("{% if true %}", 2_000, "")]
    [InlineData("(", 9_000, "{{ ")]
    [InlineData("not ", 6_000, "{{ ")]
    [InlineData("-", 6_000, "{{ ")]
    [InlineData("[", 6_000, "{{ ")]
    [InlineData("x.", 6_000, "{{ ")]
    [InlineData("x|trim|", 6_000, "{{ ")]
    [InlineData("1 + ", 6_000, "{{ ")]
    [InlineData("x if y else ", 6_000, "{{ ")]
    [InlineData("x if y if ", 6_000, "{{ ")]
    [InlineData("[0]", 6_000, "{{ x")]
    public void Depth_without_end_is_refused(string unit, int count, string start) =>
        ChatTemplateCompiler.Compile(start + string.Concat(Enumerable.Repeat(unit, count))).Problems.ShouldHaveSingleItem();
}
