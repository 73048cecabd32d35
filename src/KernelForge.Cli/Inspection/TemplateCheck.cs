using KernelForge.Cli.Inspection.Templates;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Manifests;
using KernelForge.Text;

namespace KernelForge.Cli.Inspection;

/// <summary>Compiles a chat template and renders a short conversation with it: a template may compile and still never end.</summary>
internal static class TemplateCheck
{
    // A trial's conversation is short, so it may do little: a template that needs more for it is as good as endless.
    private const long MostWork = 1 << 21;

    /// <summary>Checks a template.</summary>
    /// <param name="path">The file that it stands in, for messages.</param>
    /// <param name="key">Where in the file.</param>
    /// <param name="template">The template.</param>
    /// <param name="manifest">The model, whose tokens the template can name.</param>
    /// <exception cref="ModelFormatException">It cannot be compiled, or does not render.</exception>
    public static void Check(string path, string key, string template, Manifest manifest)
    {
        if (ChatTemplateCompiler.Compile(template).Problems is [var problem, ..])
            throw Error(path, key, $"chat template, line {problem.Line}, column {problem.Column}: {problem.Message.TrimEnd('.')}");
        try
        {
            Render(template, manifest, new ChatMessage("system", "Be brief."), new ChatMessage("user", "Hello"), new ChatMessage("assistant", "Hi."), new ChatMessage("user", "Bye"));
        }
        catch (ChatTemplateException error) when (!error.RaisedByTemplate)
        {
            throw Error(path, key, $"chat template: {error.Message.TrimEnd('.')}");
        }
        catch (ChatTemplateException)
        {
            // The template itself refuses this conversation (some know no system message): that is its right.
        }
    }

    private static void Render(string template, Manifest manifest, params ChatMessage[] messages)
    {
        var request = new ChatRequest
        {
            Messages = messages,
            BeginOfSequence = manifest.Find("kernelforge.token.bos")?.Text,
            EndOfSequence = manifest.Find("kernelforge.token.eos")?.Text,
        };
        using var work = TemplateWork.Begin(MostWork);
        TemplateInterpreter.Render(TemplateParser.Parse(template), new ChatWriter(), request);
    }

    private static ModelFormatException Error(string path, string key, string problem) =>
        new(path, problem, key, remedy: "The model works without its template: use kforge run --raw, or a session with plain text.");
}
