namespace KernelForge.Generator.ChatTemplates;

/// <summary>Compiles a model's chat template (Jinja text) to a C# method. What is supported stands in docs/chat-templates.md.</summary>
public static class ChatTemplateCompiler
{
    /// <summary>
    /// Compiles a template to <c>protected override void RenderChat(ChatWriter output, ChatRequest request)</c> of a
    /// <c>LanguageModel</c>, documented and indented by four spaces; or says why not.
    /// </summary>
    public static ChatTemplateResult Compile(string template)
    {
        try
        {
            return new ChatTemplateResult(StatementEmitter.Emit(TemplateParser.Parse(template)), default);
        }
        catch (TemplateSyntaxException error)
        {
            var (line, column) = Locate(template, error.Offset);
            return new ChatTemplateResult(null, EquatableArray.Create(new ChatTemplateProblem(error.Message, line, column)));
        }
    }

    private static (int Line, int Column) Locate(string template, int offset)
    {
        var before = template.Substring(0, Math.Min(offset, template.Length));
        return (before.Count(static c => c == '\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}

/// <summary>A compiled chat template.</summary>
/// <param name="Source">The C# method, with its documentation; null when there are problems.</param>
/// <param name="Problems">What the compiler cannot translate.</param>
public sealed record ChatTemplateResult(string? Source, EquatableArray<ChatTemplateProblem> Problems);

/// <summary>Something in a chat template that is wrong or not supported.</summary>
/// <param name="Message">One sentence.</param>
/// <param name="Line">Line in the template, from 1.</param>
/// <param name="Column">Column in that line, from 1.</param>
public sealed record ChatTemplateProblem(string Message, int Line, int Column);
