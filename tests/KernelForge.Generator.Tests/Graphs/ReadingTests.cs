using KernelForge.Compilation;
using KernelForge.Generator.GraphReading;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Graphs;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Generator.Tests.Graphs;

/// <summary>What ordinary C# a declaration may be written in, and what people change in a graph.</summary>
public class ReadingTests
{
    private static readonly GraphDeclaration Tiny = DeclaredSource.Read(DeclaredSource.Class(DeclaredSource.Tiny));

    [Fact]
    public void Constants_methods_loops_and_conditions_say_the_same() => DeclaredSource.Read("""
        using System;
        using KernelForge;
        using KernelForge.Modeling;

        [TransformerGraph]
        partial class Tiny
        {
            private const int Width = 64;
            private static readonly Rope Positions = Rope.Default(Math.Pow(10, 4), pairs: Pairs);
            private static RopePairs Pairs => RopePairs.Neighbours;

            private static Graph Define()
            {
                var stream = Graph.Decoder(96, Width, context: Width << 2, embeddingScale: Math.Sqrt(Width) / 8);
                var norms = 0;
                for (var i = 0; i < 2; i++)
                {
                    stream = stream.Layers(i..(i + 1), (layer, n) => Fed(layer.Residual(x => x.RmsNorm().Attention(Heads(n), keyValueHeads: n switch { < 1 => 1, 1 or 2 => 1, _ => 5 }, rope: Positions))));
                    norms += i;
                }

                if (norms != 1 || !(Width is > 8 and not 9))
                    return stream.Head();
                return Ended(stream);

                static Graph Ended(Value x)
                {
                    return x.RmsNorm(epsilon: 1e-5f).TiedHead();
                }
            }

            private static int Heads(int layer) => layer % 2 == 0 ? 2 : Math.Max(1, 2);

            private static Value Fed(Value x) => x.Residual(Feed);

            private static Value Feed(Value x) => x.RmsNorm().FeedForward(hidden: 2 * Width, Activation.Silu);
        }
        """).ShouldBe(Tiny with { Parts = WithoutHeadSizes(Tiny.Parts) });

    [Fact]
    public void Methods_may_extend_values() => DeclaredSource.Read("""
        using KernelForge;
        using KernelForge.Modeling;

        [TransformerGraph]
        partial class Tiny
        {
            static Graph Define() => Graph.Decoder(vocabulary: 96, width: 64, context: 256).Layers(2, layer => layer.Llama(2, 1, 128)).RmsNorm().TiedHead();
        }

        static class Blocks
        {
            public static Value Llama(this Value x, int heads, int keyValueHeads, int hidden) => x
                .Residual(x => x.RmsNorm().Attention(heads, keyValueHeads, headSize: 32, rope: Rope.Default(10_000, pairs: RopePairs.Neighbours)))
                .Residual(x => x.RmsNorm().FeedForward(hidden));
        }
        """).ShouldBe(Tiny);

    [Fact]
    public void A_partial_method_is_read_where_its_body_is() => DeclaredSource.Read($$"""
        using KernelForge;
        using KernelForge.Modeling;

        [TransformerGraph]
        partial class Tiny
        {
            private static partial Graph Define();
            private static partial int Wide();
        }

        partial class Tiny
        {
            private static partial Graph Define() => {{DeclaredSource.Tiny.Replace("width: 64", "width: Wide()", StringComparison.Ordinal)}};
            private static partial int Wide() => 64;
        }
        """).ShouldBe(Tiny);

    [Fact]
    public void Layers_can_be_left_out()
    {
        var declaration = DeclaredSource.Read(DeclaredSource.Class(DeclaredSource.Tiny.Replace("Layers(2,", "Layers(1..2,", StringComparison.Ordinal)));

        var result = PlanCompiler.BuildGraph(declaration, TestModels.Tiny);

        result.Problems.ShouldBeEmpty();
        result.Graph!.Layers.ShouldBe(1);
        result.Graph.Nodes.OfType<AttentionNode>().Single().Layer.ShouldBe(0);
        result.Graph.Nodes.OfType<LinearNode>().First().Parts[0].Matrix.Tensor.ShouldBe("blk.1.attn_q.weight");
    }

    [Fact]
    public void A_head_of_its_own_can_be_added()
    {
        var head = new TensorEntry("my_head.weight", (int)WeightType.F16, EquatableArray.Create(96L, 64L), 1 << 20, 96 * 64 * 2);
        var manifest = TestModels.Tiny with { Tensors = TestModels.Tiny.Tensors.Append(head).ToEquatableArray() };
        var declaration = DeclaredSource.Read(DeclaredSource.Class(DeclaredSource.Tiny.Replace(".TiedHead()", ".Head(tensor: $\"my_{\"head\"}\", softcap: 30)", StringComparison.Ordinal)));

        var nodes = PlanCompiler.BuildGraph(declaration, manifest).Graph!.Nodes;

        nodes.OfType<LinearNode>().Last().Parts[0].Matrix.Tensor.ShouldBe("my_head.weight");
        nodes[^1].ShouldBeOfType<SoftcapNode>().Softcap.ShouldBe(30);
    }

    [Fact]
    public void The_cache_is_chosen_by_the_attribute()
    {
        var source = DeclaredSource.Class(DeclaredSource.Tiny, attribute: "[TransformerGraph(Weights = \"models/tiny.gguf\", Cache = KeyValueFormat.Int8)]");
        var result = TestProject.With(TestModels.Tiny, "Acme.Tiny").WithSource(source).Run();
        result.Diagnostics.ShouldBeEmpty();
        var planned = (PlannedModel)result.Result.Results.Single().TrackedSteps[ModelGenerator.Steps.Plans].Single().Outputs.Single().Value;
        planned.Plan!.Cache.DefaultFormat.ShouldBe(CacheFormat.Int8);
    }

    [Fact]
    public void Tensors_of_an_unknown_architecture_are_named()
    {
        var renamed = TestModels.Tiny with
        {
            Architecture = "nonesuch",
            Tensors = TestModels.Tiny.Tensors.Select(tensor => tensor with { Name = tensor.Name.Replace("blk.", "h.", StringComparison.Ordinal).Replace("attn_q", "att.wq", StringComparison.Ordinal) }).ToEquatableArray(),
        };
        var declaration = DeclaredSource.Read(DeclaredSource.Class(DeclaredSource.Tiny.Replace(
            "context: 256", "context: 256, architecture: \"llama\", tensors: TensorNames.Gguf.With(layers: \"h.\", query: \"att.wq\")", StringComparison.Ordinal)));

        var result = PlanCompiler.BuildGraph(declaration, renamed);

        result.Problems.ShouldBeEmpty();
        result.Graph!.Architecture.ShouldBe("llama");
        result.Graph.Nodes.Count.ShouldBe(PlanCompiler.BuildGraph(TestModels.Tiny).Graph!.Nodes.Count);
    }

    [Fact]
    public void Every_slot_of_a_naming_scheme_can_be_changed() =>
        typeof(Modeling.TensorNames).GetMethod("With")!.GetParameters().Select(parameter => parameter.Name!).Order(StringComparer.OrdinalIgnoreCase)
            .ShouldBe(Architectures.TensorSchemes.SlotNames.Select(name => char.ToLowerInvariant(name[0]) + name[1..]).Order(StringComparer.OrdinalIgnoreCase));

    [Theory]
    [InlineData(typeof(Modeling.Activation), typeof(Activation))]
    [InlineData(typeof(Modeling.HeadNormScope), typeof(HeadNormScope))]
    [InlineData(typeof(Modeling.ExpertStorage), typeof(Architectures.ExpertForm))]
    public void Enums_that_users_see_are_those_of_the_graph(Type seen, Type own) => Enum.GetNames(seen).ShouldBe(Enum.GetNames(own));

    [Fact]
    public void Every_method_of_a_value_is_known_to_the_reader()
    {
        var methods = typeof(Modeling.Value).GetMethods().Where(method => method.IsAbstract).Select(method => method.Name).Distinct().Where(name => name != "Layers");
        methods.Order(StringComparer.Ordinal).ShouldBe(LanguageCalls.Parts.Keys.Order(StringComparer.Ordinal));
    }

    private static EquatableArray<Part> WithoutHeadSizes(IEnumerable<Part> parts) => parts.Select(part => part switch
    {
        LayerPart layer => layer with { Parts = WithoutHeadSizes(layer.Parts) },
        ResidualPart residual => residual with { Branch = WithoutHeadSizes(residual.Branch) },
        AttentionPart attention => attention with { HeadSize = null },
        _ => part,
    }).ToEquatableArray();
}
