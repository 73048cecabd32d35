namespace KernelForge.Generator.ChatTemplates;

/// <summary>Compiles a model's chat template (Jinja text) to a C# method.</summary>
public static class ChatTemplateCompiler
{
    /// <summary>
    /// Compiles a template to <c>protected override void RenderChat(ChatWriter output, ChatRequest request)</c> of a
    /// <c>LanguageModel</c>, documented and indented by four spaces; or says why not.
    /// </summary>
    public static ChatTemplateResult Compile(string template) => throw new NotSupportedException($"{template.Length}");
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
