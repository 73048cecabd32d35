using KernelForge.Graphs;
using KernelForge.Passes;
using KernelForge.Plans;
using KernelForge.Reference.RandomGraphs;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// Generated code equals the contract interpreter bit for bit on random graphs of all nodes and options. For thousands of them:
/// <c>dotnet run --project tests/KernelForge.EndToEnd.Tests -c Release -- --fuzz 2000</c>.
/// </summary>
public class RandomGraphTests
{
    /// <summary>Graphs of a batch.</summary>
    public const int Size = 24;

    public static TheoryData<int> Batches => [1];

    public static TheoryData<int> MoreBatches => [.. Enumerable.Range(2, 9)];

    [Theory]
    [MemberData(nameof(Batches))]
    public void EqualTheContract(int seed) => Check(seed);

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(MoreBatches))]
    public void EqualTheContractForManyMore(int seed) => Check(seed);

    /// <summary>What no graph has is tested by none.</summary>
    [Fact]
    public void HaveEveryNodeAndOption()
    {
        var batches = Enumerable.Concat<object[]>(Batches, MoreBatches).Select(row => (int)row[0]).Select(seed => RandomBatch.Create(seed, Size)).ToArray();
        var graphs = batches.SelectMany(batch => batch.Graphs).Select(graph => graph.Graph).ToArray();
        graphs.Length.ShouldBeGreaterThanOrEqualTo(200);
        graphs.SelectMany(GraphVerifier.Problems).ShouldBeEmpty();

        var nodes = graphs.SelectMany(graph => graph.Nodes).ToArray();
        var attentions = nodes.OfType<AttentionNode>().ToArray();
        var mixtures = nodes.OfType<MixtureNode>().ToArray();
        Covers(batches.Select(batch => batch.Activations));
        Covers(batches.Select(batch => batch.Cache));
        Covers(nodes.OfType<NormNode>().Select(norm => norm.Norm.Kind));
        Covers(nodes.OfType<GateNode>().Select(gate => gate.Activation));
        Covers(nodes.OfType<ActivationNode>().Select(activation => activation.Activation));
        Covers(mixtures.Select(mixture => mixture.Routing.Score));
        typeof(RotaryScaling).GetNestedTypes().ShouldBe(graphs.SelectMany(graph => graph.Rotaries).Select(table => table.Scaling.GetType()).Distinct(), ignoreOrder: true);
        foreach (var holds in new Func<AttentionNode, bool>[]
        {
            node => node.Window > 0, node => node.Chunk > 0, node => node.Softcap > 0, node => node.Sinks is not null, node => node.Temperature is not null, node => node.Bias is not null, node => node.Rotary < 0,
            node => node.AdjacentPairs, node => node.HeadNorms is { Whole: true }, node => node.HeadNorms is { AfterRotary: true, Query.Kind: NormKind.Layer },
            node => node.KeyValueHeads == 1 && node.Heads > 1, node => node.HeadSize % 2 == 1, node => node.HeadSize % 32 == 0,
        })
        {
            attentions.ShouldContain(node => holds(node));
        }

        foreach (var holds in new Func<MixtureNode, bool>[]
        {
            node => node.Clamp is not null, node => node.Routing.ScalesInput, node => node.Routing.Correction is not null, node => node.Routing.Groups > 1,
            node => node.Routing.GroupScore == 2, node => node.Routing.LeastSum > 0, node => node.Experts[0].Gate.Bias is not null, node => node.Experts[0].Down.Bias is not null,
        })
        {
            mixtures.ShouldContain(node => holds(node));
        }

        nodes.ShouldContain(node => node is PositionNode);
        nodes.ShouldContain(node => node is SoftcapNode);
        nodes.ShouldContain(node => node is RowGateNode);
        graphs.ShouldContain(graph => graph.Width % 2 == 1);
        graphs.ShouldContain(graph => graph.Nodes.OfType<EmbeddingNode>().Single().Table == graph.Nodes.OfType<LinearNode>().Last().Parts[0].Matrix);
    }

    private static void Covers<T>(IEnumerable<T> values)
        where T : struct, Enum => values.Distinct().Order().ShouldBe(Enum.GetValues<T>());

    private static void Check(int seed)
    {
        using var compiled = new CompiledBatch(RandomBatch.Create(seed, Size));
        compiled.Differences().ShouldBeEmpty();
    }
}
