using System.Reflection;
using System.Runtime.Loader;
using KernelForge.Cli.Compilation;
using KernelForge.Generator;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Manifests;
using KernelForge.Text;

namespace KernelForge.Cli.Inspection;

/// <summary>Compiles a chat template and renders a short conversation with it: a template may compile and still never end.</summary>
internal static class TemplateCheck
{
    /// <summary>Metadata key of the template.</summary>
    public const string Key = "tokenizer.chat_template";

    private const string Signature = "protected override void RenderChat";

    /// <summary>Checks a template.</summary>
    /// <exception cref="ModelFormatException">It cannot be compiled, or does not render.</exception>
    public static void Check(string path, string template, Manifest manifest)
    {
        var compiled = ChatTemplateCompiler.Compile(template);
        if (compiled.Source is not { } source)
        {
            var problem = compiled.Problems.First();
            throw Error(path, $"chat template, line {problem.Line}, column {problem.Column}: {problem.Message}");
        }
        try
        {
            var method = Load(source);
            Render(method, manifest, new ChatMessage("system", "Be brief."), new ChatMessage("user", "Hello"), new ChatMessage("assistant", "Hi."), new ChatMessage("user", "Bye"));
        }
        catch (ChatTemplateException error) when (!error.RaisedByTemplate)
        {
            throw Error(path, $"chat template: {error.Message}");
        }
        catch (ChatTemplateException)
        {
            // The template itself refuses this conversation (some know no system message): that is its right.
        }
    }

    private static MethodInfo Load(string source)
    {
        var text = $"#nullable enable\npublic static class TemplateTrial\n{{\n{source.Replace(Signature, "public static void RenderChat", StringComparison.Ordinal)}\n}}\n";
        var image = InMemoryCompiler.Compile("KernelForge.TemplateTrial", [new GeneratedSource("TemplateTrial.cs", text)]);
        using var stream = new MemoryStream(image);
        return new AssemblyLoadContext("template trial").LoadFromStream(stream).GetType("TemplateTrial", throwOnError: true)!.GetMethod("RenderChat")!;
    }

    private static void Render(MethodInfo method, Manifest manifest, params ChatMessage[] messages)
    {
        var request = new ChatRequest
        {
            Messages = messages,
            BeginOfSequence = manifest.Find("kernelforge.token.bos")?.Text,
            EndOfSequence = manifest.Find("kernelforge.token.eos")?.Text,
        };
        method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [new ChatWriter(), request], null);
    }

    private static ModelFormatException Error(string path, string problem) =>
        new(path, problem, Key, remedy: "The model works without its template: use kforge run --raw, or a session with plain text.");
}
