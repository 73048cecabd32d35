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
    [InlineData("{{ 1 < 2 < 3 }}", 1, 12, "Comparisons in a chain are not supported; write them with 'and' between.")]
    [InlineData("{{ x ! y }}", 1, 6, "The character '!' has no meaning in a tag.")]
    [InlineData("{% break %}", 1, 4, "'break' stands in no loop.")]
    [InlineData("{% if x %}{% macro m() %}{% endmacro %}{% endif %}", 1, 11, "A macro inside of another tag is not supported.")]
    [InlineData("{{ x | tojson(separators=1) }}", 1, 15, "The argument 'separators' of 'tojson' is not supported.")]
    [InlineData("{% for x in y %}{{ loop.depth }}{% endfor %}", 1, 24, "'loop.depth' is not supported.")]
    [InlineData("{{ 99999999999999999999 }}", 1, 4, "This number does not fit 64 bits.")]
    [InlineData("{{ x ) }}", 1, 6, "This ')' closes nothing.")]
    [InlineData("{{ (x }}", 1, 8, "This '}' closes nothing.")]
    [InlineData("{{ {'a' 1} }}", 1, 9, "':' is expected here, not '1'.")]
    [InlineData("{{ x[1:2:3:4] }}", 1, 11, "']' is expected here, not ':'.")]
    [InlineData("{{ x | }}", 1, 8, "A name is expected here, not the end of the tag.")]
    [InlineData("{{ }}", 1, 4, "A value is expected here.")]
    [InlineData("{{ x = 1 }}", 1, 6, "The tag should end here; '=' is not supported at this place.")]
    [InlineData("{{ '\\u12' }}", 1, 5, "'\\u' needs 4 hexadecimal digits that name a character.")]
    [InlineData("{{ '\\N{BULLET}' }}", 1, 5, "Names of characters are not supported; write the character.")]
    [InlineData("{{ f(*x) }}", 1, 6, "Unpacking arguments is not supported.")]
    [InlineData("{{ dict(**x) }}", 1, 9, "Unpacking arguments is not supported.")]
    [InlineData("{{ dict(a=1, 2) }}", 1, 14, "Arguments without a name stand before those with one.")]
    [InlineData("{{ dict(a=1, a=2) }}", 1, 14, "The argument 'a' is given twice.")]
    [InlineData("{{ raise_exception() }}", 1, 4, "One argument is expected here.")]
    [InlineData("{{ x.a()() }}", 1, 5, "This cannot be called.")]
    [InlineData("{{ x | replace('a') }}", 1, 6, "The filter 'replace' with 1 arguments is not supported.")]
    [InlineData("{{ x | trim(chars='a') }}", 1, 13, "The filter 'trim' with the argument 'chars' is not supported.")]
    [InlineData("{{ x | tojson(1) }}", 1, 6, "'tojson' takes its arguments by name.")]
    [InlineData("{{ x | map('upper') }}", 1, 6, "'map' is supported only as map(attribute=...).")]
    [InlineData("{{ x | select('odd') }}", 1, 6, "The filter 'select' with this test is not supported.")]
    [InlineData("{% elif x %}", 1, 1, "'elif' ends nothing here.")]
    [InlineData("{% if x %}{% endif y %}", 1, 20, "The tag should end here; 'y' is not supported at this place.")]
    [InlineData("{% for i %}{% endfor %}", 1, 10, "'in' is expected here, not the end of the tag.")]
    [InlineData("{% for i in x recursive %}{% endfor %}", 1, 15, "Recursive loops are not supported.")]
    [InlineData("{% for i in x %}{{ loop }}{% endfor %}", 1, 20, "'loop' can be used only for its attributes, like 'loop.index'.")]
    [InlineData("{% for i in x %}{% macro m() %}{% endmacro %}{% endfor %}", 1, 17, "A macro inside of another tag is not supported.")]
    [InlineData("{% for none in x %}{% endfor %}", 1, 8, "'none' is a constant and cannot be set.")]
    [InlineData("{% set true = 1 %}", 1, 8, "'true' is a constant and cannot be set.")]
    [InlineData("{% set a, b = x %}", 1, 9, "'=' is expected here; setting several names at once, and filters on a block, are not supported.")]
    [InlineData("{% set a | upper %}x{% endset %}", 1, 10, "'=' is expected here; setting several names at once, and filters on a block, are not supported.")]
    [InlineData("{% macro m(a, a) %}{% endmacro %}", 1, 15, "The macro 'm' has two parameters 'a'.")]
    [InlineData("{% macro m(a=b) %}{% endmacro %}{{ m() }}", 1, 14, "The default of 'a' is not a constant; that is not supported.")]
    [InlineData("{% macro m() %}{% endmacro %}\n{% macro m() %}{% endmacro %}", 2, 1, "The macro 'm' is defined twice; that is not supported.")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, 34, "The macro 'm' has no such parameter.")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}", 1, 39, "The argument 'a' is given twice.")]
    [InlineData("{% macro m() %}{% endmacro %}{{ m }}", 1, 33, "The macro 'm' can only be called.")]
    [InlineData("{{ m() }}{% macro m() %}{% endmacro %}", 1, 4, "The macro 'm' is called before it is defined.")]
    public void A_problem_has_its_place(string template, int line, int column, string message)
    {
        var result = ChatTemplateCompiler.Compile(template);
        result.Source.ShouldBeNull();
        var problem = result.Problems.ShouldHaveSingleItem();
        (problem.Line, problem.Column).ShouldBe((line, column), problem.Message);
        problem.Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("autoescape", "block", "call", "do", "extends", "filter", "from", "import", "include", "raw", "trans", "with")]
    public void Tags_of_Jinja_that_are_not_supported_are_named(params string[] tags)
    {
        foreach (var tag in tags)
            A_problem_has_its_place($"a\n {{% {tag} x %}}", 2, 5, $"The tag '{tag}' is not supported.");
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
