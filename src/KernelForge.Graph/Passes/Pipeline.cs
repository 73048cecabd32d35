using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>A pass over the graph.</summary>
internal sealed record GraphPass(string Name, string Purpose, Func<ModelGraph, PlanOptions, ModelGraph> Run);

/// <summary>A pass over the plan, and what the plan promises after it.</summary>
internal sealed record PlanPass(string Name, string Purpose, PlanStage Stage, Func<Plan, Plan> Run);

/// <summary>All passes, in their order.</summary>
internal static class Pipeline
{
    public const string Lower = "lower to steps";
    public const string LowerPurpose = "Turns nodes into steps over buffers and packed tensors; a tied table is stored once.";

    public static readonly IReadOnlyList<GraphPass> Graph =
    [
        new("keep states", "Computes keys and values of other rows where those are, once for all queries.", (graph, _) => KeepStates.Run(graph)),
        new("canonicalize", "Makes rotary pairs neighbours.", (graph, _) => Canonicalize.Run(graph)),
        new("fuse projections", "Joins query, key and value, and gate and up, into one matrix each.", (graph, _) => FuseProjections.Run(graph)),
        new("quantize activations", "Puts a quantization before matrices of integer codes.", (graph, options) => QuantizeActivations.Run(graph, options.Activations)),
    ];

    public static readonly IReadOnlyList<PlanPass> Plan =
    [
        new("fuse epilogues", "Adds residuals, computes SwiGLU and quantizes where the value is made.", PlanStage.Fused, plan => Each(plan, FuseEpilogues.Run)),
        new("choose tiles", "Says how many tokens a matmul keeps in registers.", PlanStage.Fused, plan => Each(plan, ChooseTiles.Run)),
        new("assign memory", "Gives every buffer a place in the workspace; buffers that never live together share it.", PlanStage.Placed, plan => Each(plan, AssignMemory.Run)),
        new("group layers", "Gives equal layers one kind.", PlanStage.Placed, plan => Each(plan, GroupLayers.Run)),
        new("assign weights", "Lays the packed weights out in the order they are read.", PlanStage.Packed, AssignWeights.Run),
        new("schedule barriers", "Lets workers wait only where data flows between them.", PlanStage.Finished, plan => Each(plan, ScheduleBarriers.Run)),
    ];

    /// <summary>Runs a pass over the plan and over each of its parts.</summary>
    private static Plan Each(Plan plan, Func<Plan, Plan> pass) => pass(plan) with
    {
        Parts = plan.Parts.Select((part, i) =>
        {
            var view = pass(plan.View(i));
            return part with { Buffers = view.Buffers, Kinds = view.Kinds, Calls = view.Calls };
        }).ToEquatableArray(),
    };
}
