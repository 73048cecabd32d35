using System.Text;
using KernelForge.Cli.Inspection.Templates;
using KernelForge.Fuzz.Mutation;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;

namespace KernelForge.Fuzz.Targets;

/// <summary>Chat templates: compiled to C# text, and rendered within a budget.</summary>
internal sealed class JinjaTarget : FuzzTarget
{
    private const long MostWork = 1 << 20;

    private static readonly ChatRequest Request = new()
    {
        Messages = [new ChatMessage("system", "Be brief."), new ChatMessage("user", "a <|im_end|> b"), new ChatMessage("assistant", "Hi.")],
        BeginOfSequence = "<s>",
        EndOfSequence = "</s>",
        Now = DateTimeOffset.UnixEpoch,
    };

    public override string Name => "jinja";

    public override IEnumerable<byte[]> Seeds => ["{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"u8.ToArray()];

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        var generated = new TemplateGenerator(random).Next();
        var text = random.Next(3) switch
        {
            0 => generated,
            1 => TextMutator.Mutate(random, generated, Encoding.UTF8.GetString(Pick(random, corpus))),
            _ => TextMutator.Mutate(random, Encoding.UTF8.GetString(Pick(random, corpus)), generated),
        };
        return Encoding.UTF8.GetBytes(text);
    }

    public override void Run(byte[] input)
    {
        var template = Encoding.UTF8.GetString(input);
        if (ChatTemplateCompiler.Compile(template).Problems is [var problem, ..])
            throw new ChatTemplateException(problem.Message);
        using var work = TemplateWork.Begin(MostWork);
        TemplateInterpreter.Render(TemplateParser.Parse(template), new ChatWriter(), Request);
    }

    public override bool IsRefusal(Exception error) => error is ChatTemplateException;
}
