using KernelForge.Fuzz.Targets;

namespace KernelForge.Fuzz;

/// <summary>All parsers that are fuzzed.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, Func<string, string, FuzzTarget> Create)[] Targets =
    [
        ("gguf", (folder, _) => new GgufTarget(folder)),
        ("safetensors", (folder, _) => new SafetensorsTarget(folder)),
        ("config", (folder, corpus) => new ConfigTarget(folder, corpus)),
        ("tokenizer", (folder, corpus) => new TokenizerTarget(folder, corpus)),
        ("jinja", (_, _) => new JinjaTarget()),
        ("packed", (folder, _) => new PackedTarget(folder)),
        ("graph-plan", (_, _) => new PlanTarget()),
        ("graph-source", (_, _) => new GraphTarget()),
    ];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => Targets.Select(target => target.Name);

    /// <summary>The corpus that lies beside the program.</summary>
    public static string Corpus => Path.Combine(AppContext.BaseDirectory, "Corpus");

    /// <summary>One of them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">An existing folder of its own, for the files that it parses.</param>
    public static FuzzTarget Create(string name, string folder) => Targets.First(target => target.Name == name).Create(folder, Corpus);
}
