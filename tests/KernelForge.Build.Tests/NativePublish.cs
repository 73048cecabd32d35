namespace KernelForge.Build.Tests;

/// <summary>
/// A program with two small models that writes the instruction set that ran, then a hash over all bits of the logits after each token; under the JIT first,
/// then published once for each target that a test asks for.
/// </summary>
public sealed class NativePublish(PackedPackage package) : IDisposable
{
    private const string Program = """
        using System.Runtime.InteropServices;
        using System.Security.Cryptography;
        using KernelForge;
        using KernelForge.Runtime;

        Console.WriteLine(InstructionSets.Selected);
        using var first = First.Load();
        using var second = Acme.Second.Load();
        Write(first);
        Write(second);

        static void Write(LanguageModel model)
        {
            var tokens = new int[20];
            for (var i = 0; i < tokens.Length; i++)
                tokens[i] = i * i % model.Vocabulary;
            using var session = model.CreateSession();
            var logits = new float[tokens.Length * model.Vocabulary];
            session.Score(tokens, logits);
            for (var i = 0; i < tokens.Length; i++)
            {
                var row = MemoryMarshal.AsBytes<float>(logits.AsSpan(i * model.Vocabulary, model.Vocabulary));
                Console.WriteLine($"{model.Description.ClassName}, token {i}: {Convert.ToHexString(SHA256.HashData(row))}");
            }
        }
        """;

    private readonly Dictionary<string, string> _executables = new(StringComparer.Ordinal);
    private ScratchProject? _project;
    private string[]? _underJit;

    internal ScratchProject Project => _project ??= Create();

    /// <summary>What it writes under the JIT.</summary>
    public string[] UnderJit => _underJit ??= RunUnderJit();

    /// <summary>Publishes for a target and gives the executable's path.</summary>
    public string Publish(string target)
    {
        if (!_executables.TryGetValue(target, out var executable))
        {
            var output = Project.Path("published", target);
            Project.DotNet("publish", "-c", "Release", $"-p:KernelForgeTarget={target}", "-o", output).ShouldSucceed();
            _executables.Add(target, executable = Path.Combine(output, "App"));
        }

        return executable;
    }

    private string[] RunUnderJit()
    {
        Project.DotNet("build", "-c", "Release").ShouldSucceed();
        return Lines(Command.Run("dotnet", "/", Project.Path("bin", "Release", "net9.0", "App.dll")).ShouldSucceed());
    }

    internal static string[] Lines(CommandResult result) => result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public void Dispose() => _project?.Dispose();

    // Published with PublishAot alone on the command line of 'dotnet publish', so that 'dotnet run' has the JIT's own choice of instruction set.
    private ScratchProject Create()
    {
        var project = new ScratchProject(
            package,
            """
            <KernelForgeModel Include="first.gguf" Class="First" />
            <KernelForgeModel Include="second.gguf" Class="Acme.Second" Activations="float" Kv="int8" />
            """,
            Program, "net9.0", "<PublishAot Condition=\"'$(_IsPublishing)' == 'true'\">true</PublishAot>");
        TinyProject.SaveModel(project, 7, "first.gguf");
        TinyProject.SaveModel(project, 11, "second.gguf");
        return project;
    }
}
