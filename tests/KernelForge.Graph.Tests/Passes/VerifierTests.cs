using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Passes;

/// <summary>The verifiers see what a wrong pass would leave behind.</summary>
public sealed class VerifierTests
{
    private static readonly ModelGraph Graph = PlanCompiler.BuildGraph(new LlamaManifest().Build()).Graph!;
    private static readonly Plan Plan = PlanCompiler.Compile(new LlamaManifest { HeadSize = 32 }.Build(), new()).Plan!;

    [Fact]
    public void A_sound_graph_and_plan_have_no_problems()
    {
        GraphVerifier.Problems(Graph).ShouldBeEmpty();
        PlanVerifier.Problems(Plan, PlanStage.Finished).ShouldBeEmpty();
    }

    [Fact]
    public void A_node_before_its_input() => ExpectGraph(nodes => [nodes[1], nodes[0], .. nodes.Skip(2)], "does not stand before it");

    [Fact]
    public void Two_nodes_of_one_id() => ExpectGraph(nodes => [.. nodes.Take(1), nodes[0], .. nodes.Skip(1)], "two nodes have the id");

    [Fact]
    public void A_node_of_another_width() => ExpectGraph(Change<NormNode>(norm => norm with { Width = 32 }), "width");

    [Fact]
    public void A_matrix_of_another_depth() => ExpectGraph(
        Change<LinearNode>(linear => linear with { Parts = linear.Parts.Select(part => part with { Matrix = part.Matrix with { Columns = 32 } }).ToEquatableArray() }), "depth");

    [Fact]
    public void Key_heads_that_do_not_divide() => ExpectGraph(Change<AttentionNode>(attention => attention with { KeyValueHeads = 3 }), "do not divide");

    [Fact]
    public void A_rotary_table_that_is_not_there() => ExpectGraph(Change<AttentionNode>(attention => attention with { Rotary = 1 }), "rotary");

    [Fact]
    public void No_head() => ExpectGraph(nodes => nodes.Take(nodes.Count - 1), "vocabulary");

    [Fact]
    public void A_step_without_a_kernel() => ExpectPlan(Steps(steps => [new ActivateStep("Activate", 0, 0, Activation.Silu), .. steps]), PlanStage.Fused, "has no kernel");

    [Fact]
    public void A_missing_barrier_anywhere()
    {
        for (var kind = 0; kind < Plan.Kinds.Count; kind++)
        {
            for (var step = 0; step < Plan.Kinds[kind].Steps.Count; step++)
            {
                if (Plan.Kinds[kind].Steps[step] is BarrierStep)
                    ExpectPlan(Steps(steps => steps.Where((_, i) => i != step), kind), PlanStage.Finished, "no barrier");
            }
        }
    }

    [Fact]
    public void Buffers_in_one_place() =>
        ExpectPlan(Plan with { Buffers = Plan.Buffers.Select(buffer => buffer with { OffsetPerToken = 0 }).ToEquatableArray() }, PlanStage.Placed, "writes where it reads");

    [Fact]
    public void A_value_overwritten_before_it_is_read()
    {
        var residual = Plan.Buffers.ToList().FindIndex(buffer => buffer.Name == "Residual");
        var hidden = Plan.Buffers.ToList().FindIndex(buffer => buffer.Name == "QueryKeyValue");
        var moved = Plan.Buffers.Select((buffer, i) => i == residual ? buffer with { OffsetPerToken = Plan.Buffers[hidden].OffsetPerToken } : buffer);
        ExpectPlan(Plan with { Buffers = moved.ToEquatableArray() }, PlanStage.Placed, "overwritten");
    }

    [Fact]
    public void A_crooked_buffer() =>
        ExpectPlan(Plan with { Buffers = Plan.Buffers.Select(buffer => buffer with { OffsetPerToken = buffer.OffsetPerToken + 4 }).ToEquatableArray() }, PlanStage.Placed, "cache line");

    [Fact]
    public void Codes_where_floats_are_needed() =>
        ExpectPlan(Plan with { Activations = ActivationMode.Float }, PlanStage.Lowered, "needs floats");

    [Fact]
    public void Tensors_that_overlap() => ExpectPlan(
        Plan with { Blocks = Plan.Blocks.Select(block => block with { Tensors = block.Tensors.Select(tensor => tensor with { Offset = 0 }).ToEquatableArray() }).ToEquatableArray() },
        PlanStage.Packed, "overlaps");

    [Fact]
    public void Blocks_that_leave_their_page() => ExpectPlan(
        Plan with { Blocks = Plan.Blocks.Select(block => block with { Offset = block.Offset + 64 }).ToEquatableArray() }, PlanStage.Packed, "page");

    [Fact]
    public void A_call_of_nothing() =>
        ExpectPlan(Plan with { Calls = Plan.Calls.Append(new Call(9, 0, -1)).ToEquatableArray() }, PlanStage.Lowered, "not there");

    [Fact]
    public void A_buffer_that_is_not_there() => ExpectPlan(Steps(steps => [new QuantizeStep("Quantize", 0, 99), .. steps]), PlanStage.Lowered, "not there");

    private static void ExpectGraph(Func<IReadOnlyList<Node>, IEnumerable<Node>> change, string problem) =>
        GraphVerifier.Problems(Graph with { Nodes = change(Graph.Nodes).ToEquatableArray() }).ShouldContain(found => found.Contains(problem, StringComparison.Ordinal));

    private static void ExpectPlan(Plan plan, PlanStage stage, string problem) =>
        PlanVerifier.Problems(plan, stage).ShouldContain(found => found.Contains(problem, StringComparison.Ordinal));

    private static Func<IReadOnlyList<Node>, IEnumerable<Node>> Change<T>(Func<T, Node> change)
        where T : Node => nodes => nodes.Select(node => node is T found ? change(found) : node);

    private static Plan Steps(Func<IEnumerable<Step>, IEnumerable<Step>> change, int kind = 1) => Plan with
    {
        Kinds = Plan.Kinds.Select((other, i) => i == kind ? other with { Steps = change(other.Steps).ToEquatableArray() } : other).ToEquatableArray(),
    };
}
