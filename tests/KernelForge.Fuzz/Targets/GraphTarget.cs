using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KernelForge.Compilation;
using KernelForge.Fuzz.Mutation;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Generator.GraphReading;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Plans;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Fuzz.Targets;

/// <summary>Graphs declared in C#: read as the generator does, then planned over the weights of a small model.</summary>
internal sealed class GraphTarget : FuzzTarget
{
    private static readonly string[] Words =
    [
        "0", "-1", "1", "2", "3", "7", "16", "32", "64", "48", "4096", "2147483647", "1e-5", "1e999", "double.NaN", "null", "\"\"", "\"ffn_up\"", "\"blk.\"", "true", "0..1", "1..0", "^1..", "(Activation)9",
        "x", "layer", "i", "x => x", "null!", "[TransformerGraph(Weights = \"/\")]", "Rope.Default(10_000)", "Rope.Yarn(10_000, 4, 16, 1.1)", "Router.SoftmaxTopK()", "HeadNorms.Rms()", "TensorNames.Gguf", "TensorNames.Of(\"gpt2\")",
        ".With(query: \"a\")", ".RmsNorm()", ".LayerNorm()", ".Attention(2)", ".FeedForward(32)", ".MixtureOfExperts(4, 2, 32, Router.SigmoidTopK(true))", ".Linear(32, \"ffn_up\")", ".FirstToken()",
        ".ShortConvolution(3)", ".LatentAttention(2, 8, 8, 8, 8, Rope.Default(10_000))", ".Positions()", ".Positions(first: 2)", ".TokenTypes(2)", ".Output(\"last_hidden_state\")", ".Output(\"pooler_output\")", "Graph.Encoder", ".TiedHead()", ".Head()", ".Layers(1, l => l.RmsNorm())",
        ".Residual(x => x.RmsNorm())", ".ParallelOn(x => x.RmsNorm(), n => n.Attention(2), n => n.FeedForward(32))", "Again(", "while (true) { }", "for (;;) { }", "return", "i % 2 == 0 ?", "i switch {", "=>",
        "(", ")", ",", "{", "}", ";", "\"", "$\"{", "/*", "checked", "default", "await", "unsafe", "stackalloc int[1]", "\u2028", "\0",
    ];

    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp13);

    // A handful of references, loaded once: what a declaration may name.
    private static readonly CSharpCompilation Empty = CSharpCompilation.Create(
        "Fuzz", [], Assemblies().Select(path => MetadataReference.CreateFromFile(path)), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, concurrentBuild: false));

    private static readonly Manifest Weights = SmallModels.Manifests().First();

    private readonly string _imported = DeclarationPrinter.Print(PlanCompiler.BuildGraph(Weights).Declaration!, "Model", "small");

    private SyntaxTree? _tree;

    public GraphTarget()
    {
        // The C# compiler's own beginning is no input's time.
        var sound = Encoding.UTF8.GetBytes(_imported);
        Prepare(sound);
        Run(sound);
    }

    public override string Name => "graph-source";

    /// <summary>A declaration of a kilobyte may say a thousand layers, each with its nodes.</summary>
    public override long BaseBytes => 256 << 20;

    public override IEnumerable<byte[]> Seeds =>
    [
        Encoding.UTF8.GetBytes(_imported),
        """
        using KernelForge; using KernelForge.Modeling;
        [TransformerGraph] partial class Model
        {
            const int Width = 32;
            static readonly Rope Near = Rope.Default(10_000, pairs: RopePairs.Neighbours);
            static Value Block(Value x, int i) => x.Residual(x => x.RmsNorm().Attention(2, 1, 16, rope: i % 2 == 0 ? Near : null, window: i switch { 0 or 2 => 8, > 4 => null, _ => 16 }));
            static Value Again(Value x) => Again(x);
            static Graph Define()
            {
                var x = Graph.Decoder(vocabulary: 48, width: Width, context: 64, embeddingScale: System.Math.Sqrt(Width));
                for (var i = 0; i < 1; i++)
                    x = x.Layers(i..(i + 1), (layer, n) => Block(layer, n).Residual(x => x.RmsNorm().FeedForward(hidden: 16 * 2, Activation.Silu)));
                if (Width > 8)
                    return x.RmsNorm().TiedHead();
                return x.LayerNorm().Head(tensor: $"out{Width}", softcap: 1.5);
            }
        }
        """u8.ToArray(),
    ];

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus) => Encoding.UTF8.GetBytes(
        TextMutator.Mutate(random, Encoding.UTF8.GetString(Pick(random, corpus)), Encoding.UTF8.GetString(Pick(random, corpus)), Words));

    // The C# compiler has read a program before we do. Its parser takes hundreds of megabytes for thousands of braces behind the end; it and the binder take
    // seconds for hundreds of parentheses around an argument, which are left out.
    public override void Prepare(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        _tree = text.Contains(new string('(', 64), StringComparison.Ordinal) ? null : CSharpSyntaxTree.ParseText(text, Options, "Fuzz.cs");
    }

    public override void Run(byte[] input)
    {
        if (_tree is null)
            throw Refused("too many parentheses");
        var compilation = Empty.AddSyntaxTrees(_tree);
        var model = compilation.GetSemanticModel(_tree);
        foreach (var syntax in _tree.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Where(type => type.AttributeLists.Count > 0))
        {
            if (model.GetDeclaredSymbol(syntax) is not INamedTypeSymbol type || type.GetAttributes().FirstOrDefault(IsOurs) is not { } attribute)
                continue;
            var read = GraphReader.Read(compilation, type, syntax, attribute, CancellationToken.None);
            Report(read);
            if (read.Problems is [var report, ..])
                throw Refused(report.Problem.Message);
            if (read.Graph.Declaration is not { } declaration)
                throw Refused("no C#");
            var result = PlanCompiler.Compile(declaration, Weights, new PlanOptions());
            foreach (var (problem, index) in result.Problems.Select((problem, index) => (problem, index)))
                ArgumentException.ThrowIfNullOrEmpty(read.Places.Of(index < result.ProblemParts.Count ? result.ProblemParts[index] : -1, problem.Where).Path);
            if (result.Plan is null)
                throw Refused(result.Problems[0].Message);
        }
    }

    /// <summary>What the generator says of a class, with and without an item that names it.</summary>
    private static void Report(ReadGraph read)
    {
        var requests = ModelRequest.Of([new ModelItem("small.kfmanifest", "", read.Graph.FullName, "", "", "", "", "small.gguf")]).ToImmutableArray();
        foreach (var known in new[] { requests, [] })
        {
            foreach (var report in Reports.Of(known, [], default, new ProjectCheck(CanCompile: true, default, default), [read]))
                ArgumentException.ThrowIfNullOrEmpty(report.ToDiagnostic().GetMessage(CultureInfo.InvariantCulture));
        }
    }

    private static ModelFormatException Refused(string message) => new("Fuzz.cs", message);

    private static bool IsOurs(AttributeData attribute) => attribute.AttributeClass is { Name: "TransformerGraphAttribute" };

    private static IEnumerable<string> Assemblies()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return [typeof(object).Assembly.Location, Path.Combine(framework, "System.Runtime.dll"), typeof(TransformerGraphAttribute).Assembly.Location];
    }
}
