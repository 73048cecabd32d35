using System.Collections.Immutable;
using KernelForge.Generator.Declarations;
using KernelForge.Manifests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Generator.Tests.Harness;

/// <summary>A user's project: sources, models and build properties. Immutable, so that tests can say "the same, but".</summary>
internal sealed record TestProject
{
    private static readonly Lazy<ImmutableArray<MetadataReference>> AllReferences = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name == "KernelForge.dll"))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path)),
    ]);

    public ImmutableArray<string> Sources { get; init; } = ["class Program { static void Main() { } }"];

    public ImmutableArray<TestManifest> Manifests { get; init; } = [];

    /// <summary>One instruction set is enough for most tests, and the simplest is the fastest.</summary>
    public ImmutableDictionary<string, string> Properties { get; init; } =
        ImmutableDictionary<string, string>.Empty.Add(BuildKeys.AllowUnsafeBlocks, "true").Add(BuildKeys.InstructionSets, "Portable");

    public LanguageVersion Language { get; init; } = LanguageVersion.CSharp13;

    public CSharpParseOptions ParseOptions => new(Language, DocumentationMode.Diagnose);

    public static TestProject With(Manifest manifest, string className = "Tiny") => new TestProject().Add(manifest, className);

    public TestProject Add(Manifest manifest, string className) => Add(ManifestText.Write(manifest), className);

    public TestProject Add(string manifestText, string className, params (string Key, string Value)[] metadata) => this with
    {
        Manifests = Manifests.Add(new($"/project/obj/{Manifests.Length}.kfmanifest", manifestText)
        {
            Metadata = metadata.Append((BuildKeys.Manifest, "true")).Append((BuildKeys.Class, className)).Append((BuildKeys.Source, "models/tiny.gguf"))
                .ToImmutableDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal),
        }),
    };

    public TestProject WithSource(string source) => this with { Sources = Sources.Add(source) };

    public TestProject WithProperty(string key, string value) => this with { Properties = Properties.SetItem(key, value) };

    public CSharpCompilation Compile() => CSharpCompilation.Create(
        "Test",
        Sources.Select((text, index) => CSharpSyntaxTree.ParseText(text, ParseOptions, $"/project/Source{index}.cs", System.Text.Encoding.UTF8)),
        AllReferences.Value,
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true, checkOverflow: true, nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Error));

    public GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new ModelGenerator().AsSourceGenerator()],
        Manifests,
        ParseOptions,
        new Options(this),
        new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public AnalyzerConfigOptionsProvider OptionsProvider => new Options(this);

    /// <summary>Runs the generator once.</summary>
    public TestOutcome Run()
    {
        var driver = Driver().RunGeneratorsAndUpdateCompilation(Compile(), out var compilation, out _);
        return new(driver, driver.GetRunResult(), (CSharpCompilation)compilation);
    }

    private sealed class Options(TestProject project) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(project.Properties);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Values(ImmutableDictionary<string, string>.Empty);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
            new Values((textFile as TestManifest)?.Metadata ?? ImmutableDictionary<string, string>.Empty);
    }

    private sealed class Values(ImmutableDictionary<string, string> values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
    }
}

/// <summary>A manifest as the build hands it over.</summary>
internal sealed class TestManifest(string path, string text) : AdditionalText
{
    public override string Path => path;

    public ImmutableDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}

/// <summary>What the generator made of a project.</summary>
internal sealed record TestOutcome(GeneratorDriver Driver, GeneratorDriverRunResult Result, CSharpCompilation Compilation)
{
    public IReadOnlyList<Diagnostic> Diagnostics => Result.Diagnostics;

    public Dictionary<string, string> Files => Result.Results.Single().GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString(), StringComparer.Ordinal);
}
