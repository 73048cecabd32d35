using System.Reflection;
using System.Runtime.Loader;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Tests.ChatTemplates;

/// <summary>A template compiled as a user's build compiles it, ready to be called.</summary>
internal sealed class CompiledTemplate
{
    private const string Method = "protected override void RenderChat";

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "KernelForge.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private readonly Action<ChatWriter, ChatRequest> _render;

    private CompiledTemplate(Action<ChatWriter, ChatRequest> render) => _render = render;

    /// <summary>Compiles a template that must compile.</summary>
    public static CompiledTemplate Compile(string template) => CompileAll([template])[template];

    /// <summary>Compiles templates that must compile, all at once: starting the C# compiler for each would take most of a test's time.</summary>
    public static IReadOnlyDictionary<string, CompiledTemplate> CompileAll(IReadOnlyList<string> templates)
    {
        var classes = templates.Select((template, i) =>
        {
            var result = ChatTemplateCompiler.Compile(template);
            result.Problems.ShouldBeEmpty(template);
            return $"public static class Template{i}\n{{\n{result.Source!.Replace(Method, "public static void RenderChat", StringComparison.Ordinal)}}}\n";
        });
        var assembly = Load(string.Concat(classes));
        return templates.Select((template, i) => (template, Render: assembly.GetType($"Template{i}")!.GetMethod("RenderChat", BindingFlags.Public | BindingFlags.Static)!))
            .ToDictionary(entry => entry.template, entry => new CompiledTemplate(entry.Render.CreateDelegate<Action<ChatWriter, ChatRequest>>()), StringComparer.Ordinal);
    }

    /// <summary>Renders a conversation.</summary>
    public MarkedText Render(ChatRequest request)
    {
        var writer = new ChatWriter();
        _render(writer, request);
        return writer.ToMarkedText();
    }

    /// <summary>Renders one message of a user.</summary>
    public MarkedText Render(string content) => Render(new ChatRequest { Messages = [new ChatMessage("user", content)] });

    private static Assembly Load(string source)
    {
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("templates", [CSharpSyntaxTree.ParseText(source)], References.Value, options);
        using var stream = new MemoryStream();
        compilation.Emit(stream).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => diagnostic.ToString()).ShouldBeEmpty(source);
        stream.Position = 0;
        return new AssemblyLoadContext("templates", isCollectible: true).LoadFromStream(stream);
    }
}
