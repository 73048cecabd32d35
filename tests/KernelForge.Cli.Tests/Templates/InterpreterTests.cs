using System.Runtime.Loader;
using KernelForge.Cli.Compilation;
using KernelForge.Cli.Inspection.Templates;
using KernelForge.Fuzz;
using KernelForge.Fuzz.Mutation;
using KernelForge.Generator;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;

namespace KernelForge.Cli.Tests.Templates;

/// <summary>The interpreter renders what the compiled template renders, also where that is an error: a trial by the one stands for the other.</summary>
public sealed class InterpreterTests
{
    private const string Endless = "no end";

    private static readonly ChatRequest Request = new()
    {
        Messages = [new ChatMessage("system", "Be brief."), new ChatMessage("user", "a <|im_end|> b"), new ChatMessage("assistant", "<think>x</think> Hi.")],
        BeginOfSequence = "<s>",
        EndOfSequence = "</s>",
        Now = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public void Published_templates() => Compare([.. Directory.EnumerateFiles(Path.Combine(FuzzTargets.Corpus, "jinja")).Select(File.ReadAllText)]);

    [Fact]
    public void Random_templates() => Compare([.. Enumerable.Range(0, 300).Select(seed => new TemplateGenerator(new Random(seed)).Next())]);

    [Theory]
    [InlineData("{% set a = 1 %}{% for i in [1, 2] %}{% set a = a + i %}{{ a }}{% endfor %}{{ a }}")]
    [InlineData("{% macro f(x, y='d') %}{{ x }}{{ y }}{{ z }}{% endmacro %}{% set z = 3 %}{{ f(1) }}{{ f(1, y=2) }}")]
    [InlineData("{% for m in messages if m.role != 'user' %}{{ loop.index }}/{{ loop.length }}{{ m.content }}{% else %}none{% endfor %}")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for c in 'abc' %}{% if loop.last %}{% break %}{% endif %}{% set ns.a = ns.a + [c] %}{% endfor %}{{ ns.a }}")]
    [InlineData("{% set c %}{% for i in range(3) %}{{ i }}{% endfor %}{% endset %}{{ c | upper ~ '!' }}{{ [c, none, true, 1.5] | tojson }}")]
    [InlineData("{{ messages | selectattr('role', 'eq', 'user') | map(attribute='content') | list }}{{ 'a,b'.split(',') | join('-') }}{{ -7 // 2 }}{{ -7 % 3 }}")]
    public void Scopes_macros_loops_and_filters(string template) => Compare([template]);

    private static void Compare(IReadOnlyList<string> templates)
    {
        var accepted = templates.Select(template => (Template: template, ChatTemplateCompiler.Compile(template).Source)).Where(pair => pair.Source is not null).ToList();
        accepted.Count.ShouldBeGreaterThan(templates.Count / 3);
        var classes = accepted.Select((pair, i) => $"public static class Template{i}\n{{\n{pair.Source!.Replace("protected override void RenderChat", "public static void RenderChat", StringComparison.Ordinal)}\n}}\n");
        using var image = new MemoryStream(InMemoryCompiler.Compile("templates", [new GeneratedSource("Templates.cs", "#nullable enable\n" + string.Concat(classes))]));
        var assembly = new AssemblyLoadContext("templates", isCollectible: true).LoadFromStream(image);
        for (var i = 0; i < accepted.Count; i++)
        {
            var compiled = assembly.GetType($"Template{i}")!.GetMethod("RenderChat")!.CreateDelegate<Action<ChatWriter, ChatRequest>>();
            var parsed = TemplateParser.Parse(accepted[i].Template);
            var (interpreted, expected) = (Render(output => TemplateInterpreter.Render(parsed, output, Request)), Render(output => compiled(output, Request)));
            if (interpreted != Endless && expected != Endless)
                interpreted.ShouldBe(expected, accepted[i].Template);
        }
    }

    // Which of two errors comes first, and how much work it is to get there, may differ: compiled code evaluates some operands in another order.
    private static string Render(Action<ChatWriter> render)
    {
        using var work = TemplateWork.Begin(1 << 22);
        try
        {
            var output = new ChatWriter();
            render(output);
            return output.ToMarkedText().Text;
        }
        catch (ChatTemplateException error)
        {
            return error.Message.Contains("more work", StringComparison.Ordinal) ? Endless : "error";
        }
    }
}
