using KernelForge.Reference.RandomModels;

namespace KernelForge.Build.Tests;

/// <summary>
/// A program with three small models, one of them a mixture of experts, that feeds each the same tokens in every way there is: threads, tokens that run together,
/// lengths of the calls, sessions that share each pass. It writes the instruction set that ran, then a hash over all bits of the logits of each way. Under the
/// JIT it is built once, and published once for each target that a test asks for.
/// </summary>
public sealed class NativePublish(PackedPackage package) : IDisposable
{
    /// <summary>Lines of a model: 3 numbers of threads x 2 chunks x (3 ways to cut the calls + 2 numbers of neighbours).</summary>
    public const int WaysOfModel = 3 * 2 * (3 + 2);

    private const string Program = """
        using System.Runtime.InteropServices;
        using System.Security.Cryptography;
        using KernelForge;
        using KernelForge.Runtime;

        const int Length = 24;
        int[][] cuts = [[Length], [1, 2, 3, 4, 5, 9], [.. Enumerable.Repeat(1, Length)]];
        Console.WriteLine(InstructionSets.Selected);
        foreach (var threads in new[] { 1, 2, 3 })
        {
            foreach (var chunk in new[] { 5, 256 })
            {
                var options = new ModelOptions { Threads = threads, PrefillChunk = chunk };
                Write(First.Load(options), options);
                Write(Acme.Second.Load(options), options);
                Write(Mixture.Load(options), options);
            }
        }

        void Write(LanguageModel model, ModelOptions options)
        {
            using var loaded = model;
            var way = $"{model.Description.ClassName}: {options.Threads} threads, chunks of {options.PrefillChunk}";
            foreach (var pieces in cuts)
                Console.WriteLine($"{way}, calls of {string.Join('+', pieces)}: {Hash(InPieces(model, pieces))}");
            foreach (var neighbours in new[] { 1, 4 })
                Console.WriteLine($"{way}, {neighbours} neighbours: {Hash(Beside(model, neighbours))}");
        }

        static string Hash(float[] logits) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(logits)));

        static int[] Tokens(LanguageModel model, int seed) => [.. Enumerable.Range(0, Length).Select(i => i * (i + seed) % model.Vocabulary)];

        static float[] InPieces(LanguageModel model, int[] pieces)
        {
            var (tokens, logits) = (Tokens(model, 0), new float[Length * model.Vocabulary]);
            using var session = model.CreateSession();
            foreach (var piece in pieces)
                session.Score(tokens.AsSpan(session.Length, piece), logits.AsSpan(session.Length * model.Vocabulary, piece * model.Vocabulary));
            return logits;
        }

        // The neighbours have other tokens and are elsewhere in their sequences.
        static float[] Beside(LanguageModel model, int neighbours)
        {
            var logits = new float[Length * model.Vocabulary];
            var sessions = Array.ConvertAll(new Session[neighbours + 1], _ => model.CreateSession());
            var tokens = Enumerable.Range(0, sessions.Length).Select(seed => Tokens(model, seed)).ToArray();
            for (var i = 1; i < sessions.Length; i++)
                sessions[i].PrefillGreedy(tokens[i].AsSpan(0, 5 * i));
            for (var at = 0; at < Length; at++)
            {
                model.DecodeBatch(sessions, Array.ConvertAll(tokens, sequence => sequence[at]));
                sessions[0].Logits.CopyTo(logits.AsSpan(at * model.Vocabulary));
            }
            foreach (var session in sessions)
                session.Dispose();
            return logits;
        }
        """;

    private static readonly ModelShape Shape = new()
    {
        Vocabulary = 90, Width = 64, Hidden = 96, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadSize = 32, RotaryDimension = 32, Context = 128, Window = 0, Experts = 5,
        Scaling = RandomScaling.Default, Tied = false, AttentionBias = false, OtherBiases = false, Types = [WeightType.Q4_0],
    };

    private readonly Dictionary<string, string> _executables = new(StringComparer.Ordinal);
    private ScratchProject? _project;
    private string? _assembly;
    private string[]? _underJit;

    internal ScratchProject Project => _project ??= Create();

    /// <summary>What it writes under the JIT with the best instruction set of this processor.</summary>
    public string[] UnderJit => _underJit ??= RunUnderJit("");

    /// <summary>What it writes under the JIT, where an instruction set is the best that is left on.</summary>
    public string[] RunUnderJit(string set)
    {
        if (_assembly is null)
        {
            Project.DotNet("build", "-c", "Release").ShouldSucceed();
            _assembly = Project.Path("bin", "Release", "net9.0", "App.dll");
        }

        return Lines(Command.Run("dotnet", "/", Processor.Only(set), _assembly).ShouldSucceed());
    }

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
            <KernelForgeModel Include="mixture.gguf" Class="Mixture" />
            """,
            Program, "net9.0", "<PublishAot Condition=\"'$(_IsPublishing)' == 'true'\">true</PublishAot>");
        TinyProject.SaveModel(project, 7, "first.gguf");
        TinyProject.SaveModel(project, 11, "second.gguf");
        RandomModel.Create(13, Shape).Save(project.Root, "mixture.gguf");
        return project;
    }
}
