using KernelForge.Text;

namespace KernelForge.Generator.Tests.ChatTemplates;

/// <summary>Small templates: what they mean in Jinja they mean compiled, and whatever they do, rendering ends.</summary>
public sealed class TemplateMeaningTests
{
    private static readonly (string Template, string Rendered)[] Meanings =
    [
        ("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "12131"),
        ("{% for i in [1, 2, 3] if i != 2 %}{{ loop.index }}{{ i }}{% endfor %}", "1123"),
        ("{% for a, b in {'x': 1, 'y': 2}.items() if b > 1 %}{{ a ~ b }}{% else %}none{% endfor %}", "y2"),
        ("{% for i in [] %}{% else %}none{% endfor %}", "none"),
        ("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "02"),
        ("{% macro m(a, b='-') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(b=2, a=3) }}", "1-32"),
        ("{% if x is defined %}a{% elif not x %}b{% else %}c{% endif %}", "b"),
        ("{{ 'a' if false }}{{ 7 // 2 }}{{ -7 % 3 }}{{ 7 / 2 }}{{ 1.0 }}{{ true }}{{ none }}", "323.51.0TrueNone"),
        ("{{ 'abc'[::-1] ~ 'abc'[-2:] ~ 'abc'[:1] }}{{ [1, 2, 3][-1] }}", "cbabca3"),
        ("  {% if true %}\n x\n  {%- endif %}\n{{ 'y' }}\n\nz\n", " xy\n\nz"),
        ("a {#- no -#} b", "ab"),
        ("{{ 'it' \"'s\" }}{{ '\\u00e9\\n\\q' }}", "it's\u00e9\n\\q"),
        ("{% set string = 'ok' %}{% set namespace_ = string %}{{ namespace_ }}", "ok"),
        ("{{ {'a': [1, 2.5, none, 'x\"']} | tojson }}", "{\"a\": [1, 2.5, null, \"x\\\"\"]}"),
        ("{{ -3 | string ~ 'x' }}{{ -3 is number }}{{ - - 3 }}", "-3xTrue3"),
        ("{% set w = 1 %}{% for i in [] %}{% else %}{% set w = 3 %}{{ w }}{% endfor %}{{ w }}", "31"),
        ("{% set q %}{% set w = 1 %}{{ w }}{% endset %}{{ q }}{{ w }}", "1"),
        ("{{ \"they're\" | title }} {{ \"they're\".title() }} {{ 'a (b) e_f g-h' | title }}", "They're They'Re A (B) E_f G-H"),
        ("{{ '1.9' | int }}{{ ' 7 ' | int }}{{ '1e3' | int }}{{ 'x' | int }}{{ 'nan' | int }}", "17100000"),
        ("{{ '\\101\\1012' }}{{ '\\0' | length }}", "AA21"),
        ("{{ 1000000000000001.5 }} {{ 0.0001 }} {{ 0.00001 }} {{ 10000000000000000.0 }} {{ -12345678901234568.0 }}", "1000000000000001.5 0.0001 1e-05 1e+16 -1.2345678901234568e+16"),
        ("{% macro f(n) %}{{ g(n) }}{% endmacro %}{% macro g(n) %}<{{ n }}>{% endmacro %}{{ f(1) }}", "<1>"),
        ("{{ [1, 'a'] }}{{ ('a' in 'cat') and 'b' not in ['b'] }}", "[1, 'a']False"),
    ];

    private static readonly string[] Failing =
    [
        "{% for i in range(1000000000000) %}x{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
        "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{{ 'x' * 1000000000000 }}",
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{{ 9223372036854775807 + 1 }}",
        "{{ 1 // 0 }}",
        "{{ 'x'[0:2:0] }}",
        "{{ missing.name }}",
        "{{ missing + 'x' }}",
        "{{ raise_exception('no') }}",
    ];

    private static readonly Lazy<IReadOnlyDictionary<string, CompiledTemplate>> Compiled =
        new(() => CompiledTemplate.CompileAll([.. Meanings.Select(meaning => meaning.Template), .. Failing]));

    public static TheoryData<string, string> AllMeanings
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (template, rendered) in Meanings)
                data.Add(template, rendered);
            return data;
        }
    }

    public static TheoryData<string> AllFailing => [.. Failing];

    [Theory]
    [MemberData(nameof(AllMeanings))]
    public void What_is_supported_means_what_it_means_in_Jinja(string template, string expected) =>
        Compiled.Value[template].Render("hi").Text.ShouldBe(expected);

    [Theory]
    [MemberData(nameof(AllFailing))]
    public void Rendering_ends_with_an_error(string template) =>
        Should.Throw<ChatTemplateException>(() => Compiled.Value[template].Render("hi"));
}
