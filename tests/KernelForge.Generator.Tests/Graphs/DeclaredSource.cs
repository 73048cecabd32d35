using KernelForge.Generator.GraphReading;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Language;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Generator.Tests.Graphs;

/// <summary>C# files that declare graphs over the weights of <see cref="TestModels.Tiny"/>.</summary>
internal static class DeclaredSource
{
    /// <summary>The graph of those weights.</summary>
    public const string Tiny = """
        Graph.Decoder(vocabulary: 96, width: 64, context: 256)
                .Layers(2, layer => layer
                    .Residual(x => x
                        .RmsNorm(epsilon: 1e-5)
                        .Attention(heads: 2, keyValueHeads: 1, headSize: 32, rope: Rope.Default(10_000, pairs: RopePairs.Neighbours)))
                    .Residual(x => x
                        .RmsNorm(epsilon: 1e-5)
                        .FeedForward(hidden: 128)))
                .RmsNorm(epsilon: 1e-5)
                .TiedHead()
        """;

    /// <summary>A class around a graph.</summary>
    public static string Class(string graph, string members = "", string attribute = "[TransformerGraph]", string head = "public partial class Tiny") => $$"""
        using System;
        using KernelForge;
        using KernelForge.Modeling;

        namespace Acme;

        {{attribute}}
        {{head}}
        {
            static Graph Define() => {{graph}};
            {{members}}
        }
        """;

    /// <summary>Reads what a file declares.</summary>
    public static GraphDeclaration Read(string source)
    {
        var result = new TestProject().WithSource(source).Run();
        result.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error && diagnostic.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == false).ShouldBeEmpty();
        var read = (ReadGraph)result.Result.Results.Single().TrackedSteps[ModelGenerator.Steps.Graphs].Single().Outputs.Single().Value;
        read.Problems.ShouldBeEmpty();
        return read.Graph.Declaration.ShouldNotBeNull();
    }

    /// <summary>Takes the marks <c>[|</c> and <c>|]</c> out of a text, and says what stands between them.</summary>
    public static (string Text, TextSpan Span) Unmark(string marked)
    {
        var (start, end) = (marked.IndexOf("[|", StringComparison.Ordinal), marked.IndexOf("|]", StringComparison.Ordinal));
        return (marked.Replace("[|", "", StringComparison.Ordinal).Replace("|]", "", StringComparison.Ordinal), TextSpan.FromBounds(start, end - 2));
    }
}
