using KernelForge.Generator.Tests.Harness;
using KernelForge.Language;
using KernelForge.Manifests;
using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.Tests.Graphs;

/// <summary>Every mistake in a declaration has a code and is shown under the word that is wrong.</summary>
public class GraphDiagnosticTests
{
    private const string Attention = "heads: 2, keyValueHeads: 1, headSize: 32";
    private const string Rotation = "Rope.Default(10_000, pairs: RopePairs.Neighbours)";
    private const string Feeding = "FeedForward(hidden: 128)";
    private const string FeedBranch = ".Residual(x => x\n                .RmsNorm(epsilon: 1e-5)\n                .FeedForward(hidden: 128))";

    /// <summary>A code, what is sound, and the same with the mistake between marks.</summary>
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { DeclarationCodes.SizeRange, "vocabulary: 96", "vocabulary: [|0|]" },
        { DeclarationCodes.SizeRange, "width: 64", "width: [|-64|]" },
        { DeclarationCodes.SizeRange, Feeding, "FeedForward(hidden: [|1 << 24|])" },
        { DeclarationCodes.SizeRange, "context: 256", "context: [|Mega() * Mega()|]" },
        { DeclarationCodes.NumberRange, "RmsNorm(epsilon: 1e-5)\n        .TiedHead", "RmsNorm(epsilon: [|-1|])\n        .TiedHead" },
        { DeclarationCodes.NumberRange, Attention, Attention + ", softcap: [|double.NaN|]" },
        { DeclarationCodes.NumberRange, Rotation, "Rope.Default([|0.5|])" },
        { DeclarationCodes.HeadsDivide, "keyValueHeads: 1", "keyValueHeads: [|3|]" },
        { DeclarationCodes.HeadSizeUnknown, Attention, "heads: [|3|]" },
        { DeclarationCodes.RotaryOdd, Rotation, "Rope.Default(10_000, rotated: [|7|])" },
        { DeclarationCodes.RotaryTooLong, Rotation, "Rope.Default(10_000, rotated: [|64|])" },
        { DeclarationCodes.RotaryScaling, Rotation, "Rope.Llama3(10_000, factor: 8, originalContext: 128, lowFrequencyFactor: 4, highFrequencyFactor: [|4|])" },
        { DeclarationCodes.RotaryScaling, Rotation, "Rope.PerPair(10_000, shortFactors: [|[1, 2]|], longFactors: [1, 2], originalContext: 128)" },
        { DeclarationCodes.WindowRange, Attention, Attention + ", window: [|0|]" },
        { DeclarationCodes.WindowAndChunk, Attention, Attention + ", window: 8, chunk: [|8|]" },
        { DeclarationCodes.ActiveExperts, Feeding, "MixtureOfExperts(experts: 4, active: [|5|], hidden: 32, router: Router.SoftmaxTopK())" },
        { DeclarationCodes.ExpertGroups, Feeding, "MixtureOfExperts(experts: 4, active: 2, hidden: 32, router: [|Router.SigmoidTopK(groups: 3)|])" },
        { DeclarationCodes.EnumUnknown, Feeding, "FeedForward(hidden: 128, [|(Activation)99|])" },
        { DeclarationCodes.EnumUnknown, "RopePairs.Neighbours", "[|(RopePairs)2|]" },
        { DeclarationCodes.WidthDiffers, FeedBranch, ".Residual([|x => x.Linear(128, \"ffn_up\")|])" },
        { DeclarationCodes.LayerTwice, ".RmsNorm(epsilon: 1e-5)\n        .TiedHead", ".Layers([|1..2|], layer => layer.Residual(x => x.FeedForward(128)))\n        .TiedHead" },
        { DeclarationCodes.LayerBeyond, "Layers(2,", "Layers([|3|]," },
        { DeclarationCodes.LayerRange, "Layers(2,", "Layers([|1..1|]," },
        { DeclarationCodes.LayerRange, "Layers(2,", "Layers([|0..^1|]," },
        { DeclarationCodes.LayersNested, FeedBranch, ".[|Layers|](1, inner => inner.Residual(x => x.FeedForward(128)))" },
        { DeclarationCodes.LayerMixesTwice, Feeding, "[|Attention|](heads: 2)" },
        { DeclarationCodes.StatesMissing, FeedBranch, ".Residual(x => x.[|CrossAttention|](heads: 2))" },
        { DeclarationCodes.HeadMissing, "Graph.Decoder(vocabulary: 96, width: 64, context: 256)", "Graph.[|Decoder|](vocabulary: 96, width: 64, context: 256)" },
        { DeclarationCodes.OutputKind, ".TiedHead()", ".[|Output|](\"state\").TiedHead()" },
        { DeclarationCodes.OutputKind, "Graph.Decoder", "Graph.Encoder" },
        { DeclarationCodes.OutputTwice, "Graph.Decoder", "Graph.Encoder" },
        { DeclarationCodes.PartMisplaced, ".TiedHead()", ".[|FeedForward|](128).TiedHead()" },
        { DeclarationCodes.OutputUnknown, ".TiedHead()", ".Output([|\"state\"|])" },
        { DeclarationCodes.OutputRows, ".TiedHead()", ".Output([|\"pooler_output\"|])" },
        { DeclarationCodes.OutputRows, ".TiedHead()", ".FirstToken().Output([|\"last_hidden_state\"|])" },
        { DeclarationCodes.OutputMissing, ".TiedHead()", ".FirstToken().Output(\"pooler_output\")" },
        { DeclarationCodes.OutputMissing, ".TiedHead()", ".FirstToken()" },
        { DeclarationCodes.PartMisplaced, FeedBranch, ".[|FirstToken|]()" },
        { DeclarationCodes.PartMisplaced, ".TiedHead()", ".[|FirstToken|]().TiedHead()" },
        { DeclarationCodes.PartMisplaced, ".TiedHead()", ".FirstToken().[|FirstToken|]()" },
        { DeclarationCodes.TensorMissing, "context: 256", "context: 256, tensors: TensorNames.Gguf.With(query: \"attn_query\")" },
        { DeclarationCodes.TensorMissing, ".TiedHead()", ".[|Head|]()" },
        { DeclarationCodes.TensorMissing, FeedBranch, ".Residual(x => x.[|ShortConvolution|](3))" },
        { DeclarationCodes.TensorShape, Feeding, "[|FeedForward|](hidden: 64)" },
        { DeclarationCodes.VocabularyDiffers, "vocabulary: 96", "vocabulary: [|95|]" },
        { DeclarationCodes.SchemeUnknown, "context: 256", "context: 256, tensors: [|TensorNames.Of(\"nonesuch\")|]" },
        { DeclarationCodes.TensorsLeft, FeedBranch, "" },
        { DeclarationCodes.NotConstant, "width: 64", "width: [|Environment.ProcessorCount|]" },
        { DeclarationCodes.NotConstant, "width: 64", "width: [|int.Parse(\"64\")|]" },
        { DeclarationCodes.NotConstant, "width: 64", "width: [|Mutable|]" },
        { DeclarationCodes.NotConstant, "width: 64", "width: [|Assigned|]" },
        { DeclarationCodes.NotConstant, "width: 64", "width: [|(Other)64|]" },
        { DeclarationCodes.NotConstant, FeedBranch, ".Residual([|null|])" },
        { DeclarationCodes.NotConstant, FeedBranch, ".Parallel(x => x.FeedForward(128), [|null|])" },
        { DeclarationCodes.NotConstant, FeedBranch, ".ParallelOn(x => x.RmsNorm(), [|null|], x => x.FeedForward(128))" },
        { DeclarationCodes.NotConstant, "hidden: 128", "hidden: (int)[|Math.Cbrt(8)|]" },
        { DeclarationCodes.NotConstant, "hidden: 128", "hidden: [|128 / Zero()|]" },
        { DeclarationCodes.ExpressionUnsupported, "width: 64", "width: [|new[] { 64 }[0]|]" },
        { DeclarationCodes.ExpressionUnsupported, "width: 64", "width: [|Generated|].Width" },
        { DeclarationCodes.ExpressionUnsupported, FeedBranch, ".[|Generated|]()" },
        { DeclarationCodes.TooLong, ".TiedHead()", ".TiedHead(softcap: Endless(1))" },
        { DeclarationCodes.BranchDetached, "Layers(2, layer => layer", "Layers(2, [|layer => layer|])\n.Layers(2, layer => layer" },
    };

    private const string Members = """
        static int Mutable = 64;
            static int Mega() => 1 << 20;
            static int Zero() => 0;
            static double Endless(double x) => Endless(x);
            static readonly int Assigned = 64;
            static Tiny() => Assigned = 32;
            readonly struct Other { public static explicit operator Other(int value) => default; public static implicit operator int(Other value) => 32; }
        """;

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_shown_under_the_wrong_word(string code, string sound, string mistaken)
    {
        var graph = DeclaredSource.Tiny.ReplaceLineEndings("\n");
        graph.ShouldContain(sound);
        graph = graph.Replace(sound, mistaken, StringComparison.Ordinal);
        Expect(code, DeclaredSource.Class(Special(code, mistaken, graph), Members), TestProject.With(TestModels.Tiny, "Acme.Tiny"));
    }

    [Theory]
    [InlineData(DeclarationCodes.ClassNotPartial, "public class [|Tiny|]")]
    [InlineData(DeclarationCodes.ClassKind, "public abstract partial class [|Tiny|]")]
    [InlineData(DeclarationCodes.ClassKind, "public static partial class [|Tiny|]")]
    public void A_class_that_cannot_be_a_model_is_shown_at_its_name(string code, string head) =>
        Expect(code, DeclaredSource.Class(DeclaredSource.Tiny, head: head), TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Theory]
    [InlineData("namespace Acme; [KernelForge.TransformerGraph] public partial class [|Tiny|] { }")]
    [InlineData("namespace Acme; [KernelForge.TransformerGraph] public partial class Tiny { KernelForge.Modeling.Graph [|Define|]() => null!; }")]
    [InlineData("namespace Acme; [KernelForge.TransformerGraph] public partial class Tiny { static int [|Define|]() => 1; }")]
    public void A_class_without_a_graph(string source) => Expect(DeclarationCodes.DefineMissing, source, TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Fact]
    public void A_class_that_no_item_names_has_no_weights() =>
        Expect(DeclarationCodes.WeightsMissing, DeclaredSource.Class(DeclaredSource.Tiny, head: "public partial class [|Tiny|]"), new TestProject());

    [Theory]
    [InlineData("models/other.gguf")]
    [InlineData("/")]
    [InlineData("")]
    public void Weights_that_the_item_does_not_have(string weights) => Expect(
        DeclarationCodes.WeightsDiffer, DeclaredSource.Class(DeclaredSource.Tiny, attribute: $"[TransformerGraph(Weights = [|\"{weights}\"|])]"), TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Fact]
    public void A_statement_that_cannot_be_followed() => Expect(
        DeclarationCodes.StatementUnsupported,
        DeclaredSource.Class("Wrong()", $"static Graph Wrong() {{ [|foreach (var i in new[] {{ 1 }}) {{ }}|] return {DeclaredSource.Tiny}; }}"), TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Theory]
    [InlineData(128, "Positions()")]
    [InlineData(257, "Positions(first: 2)")]
    public void A_context_beyond_the_learned_positions(long rows, string part)
    {
        var manifest = TestModels.Tiny;
        var positions = new TensorEntry("position_embd.weight", 0, EquatableArray.Create(rows, 64L), 1 << 20, rows * 64 * 4);
        manifest = manifest with { Tensors = manifest.Tensors.Append(positions).ToEquatableArray() };
        var graph = DeclaredSource.Tiny.Replace("context: 256)", "context: [|256|])\n." + part, StringComparison.Ordinal);
        Expect(DeclarationCodes.ContextBeyond, DeclaredSource.Class(graph), TestProject.With(manifest, "Acme.Tiny"));
    }

    [Fact]
    public void A_type_that_cannot_be_read() => Expect(
        DeclarationCodes.TensorType, DeclaredSource.Class(DeclaredSource.Tiny.Replace("Attention(", "[|Attention|](", StringComparison.Ordinal)),
        TestProject.With(WithType("blk.0.attn_q.weight", 15), "Acme.Tiny"));

    [Fact]
    public void An_output_of_a_name_that_is_taken() => Expect(
        DeclarationCodes.OutputTwice,
        DeclaredSource.Class("Graph.Encoder(vocabulary: 96, width: 64, context: 256).Layers(1, layer => layer.Residual(x => x.Attention(2, keyValueHeads: 1))).Output(\"last_hidden_state\").Output([|\"last_hidden_state\"|])"),
        TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Fact]
    public void A_graph_without_layers() => Expect(
        DeclarationCodes.LayersMissing, DeclaredSource.Class("Graph.[|Decoder|](vocabulary: 96, width: 64, context: 256).TiedHead()"), TestProject.With(TestModels.Tiny, "Acme.Tiny"));

    [Fact]
    public void Code_that_is_no_csharp_is_left_to_its_compiler() =>
        TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(DeclaredSource.Class("Graph.Decoder(1, 2, \"3\").TiedHead()")).Run().Diagnostics.ShouldBeEmpty();

    /// <summary>Otherwise the error would be buried under others, at every use of the model.</summary>
    [Theory]
    [InlineData("Graph.Encoder(vocabulary: 0, width: 64, context: 256)")]
    [InlineData("Graph.Encoder(vocabulary: Environment.ProcessorCount, width: 64, context: 256)")]
    public void An_encoder_that_cannot_be_compiled_is_still_one(string graph)
    {
        var use = "class Use { static int Of() => Acme.Tiny.Load().Embed(\"a\").Length; }";
        var outcome = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(DeclaredSource.Class(graph)).WithSource(use).Run();
        outcome.Diagnostics.ShouldHaveSingleItem();
        outcome.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error).ShouldBeEmpty();
    }

    /// <summary>Making the operations of this takes the C# compiler more stack than a thread has.</summary>
    [Fact]
    public void Code_nested_thousands_of_levels_deep_does_not_end_the_compiler()
    {
        var nested = DeclaredSource.Tiny.Replace("Layers(2,", $"Layers({string.Concat(Enumerable.Repeat(".. ", 4000))}2,", StringComparison.Ordinal);

        var diagnostics = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(DeclaredSource.Class(nested)).Run().Diagnostics;

        diagnostics.ShouldHaveSingleItem().Id.ShouldBe(DeclarationCodes.TooLong);
    }

    [Fact]
    public void A_sound_graph_has_no_diagnostics_and_is_the_model()
    {
        var project = TestProject.With(TestModels.Tiny, "Acme.Tiny");
        var declared = project.WithSource(DeclaredSource.Class(DeclaredSource.Tiny)).Run();
        declared.Diagnostics.ShouldBeEmpty();
        declared.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error).ShouldBeEmpty();
        declared.Files["Acme.Tiny.Plan.g.cs"].ShouldBe(project.Run().Files["Acme.Tiny.Plan.g.cs"]);
    }

    [Fact]
    public void Every_code_is_tried_here()
    {
        var tried = Mistakes.Select(row => (string)row[0]).Concat(
        [
            DeclarationCodes.ClassNotPartial, DeclarationCodes.ClassKind, DeclarationCodes.DefineMissing, DeclarationCodes.WeightsMissing, DeclarationCodes.WeightsDiffer,
            DeclarationCodes.StatementUnsupported, DeclarationCodes.ContextBeyond, DeclarationCodes.TensorType, DeclarationCodes.OutputTwice, DeclarationCodes.LayersMissing,
        ]);
        typeof(DeclarationCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).Except(tried).ShouldBeEmpty();
    }

    private static Manifest WithType(string tensor, int type) => TestModels.Tiny with
    {
        Tensors = TestModels.Tiny.Tensors.Select(entry => entry.Name == tensor ? entry with { Type = type } : entry).ToEquatableArray(),
    };

    // Some mistakes are only there together with another change, or are shown elsewhere than where they are made.
    private static string Special(string code, string mistaken, string graph) => (code, mistaken) switch
    {
        (DeclarationCodes.HeadMissing, _) => graph.Replace(".TiedHead()", "", StringComparison.Ordinal),
        (DeclarationCodes.OutputKind, "Graph.Encoder") => graph.Replace(".TiedHead()", ".[|TiedHead|]()", StringComparison.Ordinal),
        (DeclarationCodes.OutputTwice, _) => graph.Replace(".TiedHead()", ".Output(\"last_hidden_state\").Output([|\"last_hidden_state\"|])", StringComparison.Ordinal),
        (DeclarationCodes.OutputUnknown or DeclarationCodes.OutputRows, _) or (DeclarationCodes.PartMisplaced, ".FirstToken().[|FirstToken|]()") => graph.Replace("Graph.Decoder", "Graph.Encoder", StringComparison.Ordinal),
        (DeclarationCodes.OutputMissing, _) => graph.Replace("Graph.Decoder", "Graph.[|Encoder|]", StringComparison.Ordinal),
        (DeclarationCodes.TensorMissing, _) when mistaken.StartsWith("context", StringComparison.Ordinal) => graph.Replace("Attention(", "[|Attention|](", StringComparison.Ordinal),
        (DeclarationCodes.TensorMissing, _) when mistaken.Contains("ShortConvolution", StringComparison.Ordinal) => graph.Replace("Attention(heads: 2, keyValueHeads: 1, headSize: 32, rope: Rope.Default(10_000, pairs: RopePairs.Neighbours))", "FeedForward(128)", StringComparison.Ordinal),
        (DeclarationCodes.TensorsLeft, _) => graph.Replace("Graph.Decoder", "Graph.[|Decoder|]", StringComparison.Ordinal),
        _ => graph,
    };

    /// <summary>All diagnostics have the code, and one place.</summary>
    private static void Expect(string code, string marked, TestProject project)
    {
        var isMarked = marked.Contains("[|", StringComparison.Ordinal);
        var (source, span) = isMarked ? DeclaredSource.Unmark(marked) : (marked, default);
        var diagnostics = project.WithSource(source).Run().Diagnostics;
        diagnostics.Select(diagnostic => diagnostic.Id).Distinct().ShouldBe([code], string.Join('\n', diagnostics));
        foreach (var diagnostic in diagnostics)
        {
            diagnostic.Location.GetLineSpan().Path.ShouldBe("/project/Source1.cs");
            diagnostic.Descriptor.HelpLinkUri.ShouldEndWith("#" + code.ToLowerInvariant());
            if (isMarked)
                source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length).ShouldBe(source.Substring(span.Start, span.Length));
        }

        if (isMarked)
            diagnostics[0].Location.SourceSpan.ShouldBe(span, diagnostics[0].GetMessage());
    }
}
