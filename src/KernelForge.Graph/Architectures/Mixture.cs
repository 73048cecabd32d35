using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>A decoder's mixture of experts.</summary>
/// <param name="Count">Number of experts.</param>
/// <param name="Hidden">Values between an expert's two matrices.</param>
/// <param name="Routing">How experts are chosen; the correction is found by its tensor.</param>
internal sealed record Mixture(int Count, int Hidden, Routing Routing)
{
    /// <summary>Number of experts.</summary>
    public static readonly Key CountKey = new("expert_count", "num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts");

    // What the routing kernel's scratch is made for, and more than any model has.
    private const int MostExperts = 4096;

    private static readonly Key ActiveKey = new("expert_used_count", "num_experts_per_tok", "moe_topk", "moe_k");
    private static readonly Key HiddenKey = new("expert_feed_forward_length", "moe_intermediate_size");

    /// <summary>Values between the two matrices of what every token passes through; 0: there is none.</summary>
    public int SharedHidden { get; init; }

    /// <summary>How the experts' matrices lie in their tensors.</summary>
    public ExpertForm Form { get; init; } = ExpertForm.Separate;

    /// <summary>Another unit in place of activation(gate) * up, or null.</summary>
    public ClampedUnit? Clamp { get; init; }

    /// <summary>Reads what all mixtures have.</summary>
    /// <param name="model">The model.</param>
    /// <param name="score">What the router's logits become.</param>
    /// <param name="normalizes">Whether the weights are divided by their sum.</param>
    public static Mixture Read(ModelReader model, RoutingScore score, bool normalizes)
    {
        var layers = DecoderConfig.LayerCount(model);
        var count = model.Integer(CountKey, 1, MostExperts);
        var active = model.IntegerOfLayers(ActiveKey, layers, 1, count);
        var hidden = model.IntegerOfLayers(model.Has(HiddenKey) ? HiddenKey : DecoderConfig.HiddenKey, layers, 1, 1 << 22);
        return new Mixture(count, hidden, new Routing(active, score, LeastSum: normalizes ? 1e-20f : 0));
    }

    /// <summary>The same with a choice among the best groups of experts, where the model has groups.</summary>
    /// <param name="model">The model.</param>
    /// <param name="groupScore">Scores whose sum is a group's.</param>
    public Mixture InGroups(ModelReader model, int groupScore)
    {
        var key = new Key("expert_group_count", "n_group");
        var groups = model.Integer(key, 1, Count, 1);
        var active = model.Integer(new Key("expert_group_used_count", "topk_group"), 1, groups, 1);
        var size = Count / groups;
        if (groups > 1 && (Count % groups != 0 || size < groupScore || active * size < Routing.Active))
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{model.Name(key)} ({groups}), of which {active} are chosen from, does not go with {Count} experts, of which {Routing.Active} are active. Convert the model again.",
                model.Name(key));
            return this;
        }

        return this with { Routing = Routing with { Groups = groups, ActiveGroups = active, GroupScore = groups > 1 ? groupScore : 1 } };
    }

    /// <summary>Layers with a mixture: all from a first one on.</summary>
    public static bool[] From(ModelReader model, int first) =>
        [.. Enumerable.Range(0, DecoderConfig.LayerCount(model)).Select(layer => layer >= first)];
}

/// <summary>How experts' matrices lie in their tensors.</summary>
public enum ExpertForm
{
    /// <summary>Gate and up apart, each [experts, hidden, width] or a tensor for each expert.</summary>
    Separate,

    /// <summary>The gate's rows, then those of up: [experts, 2 * hidden, width].</summary>
    GateThenUp,

    /// <summary>Rows of gate and up in turn: [experts, 2 * hidden, width].</summary>
    Alternating,

    /// <summary>Transposed, gate and up column by column: [experts, width, 2 * hidden], and down [experts, hidden, width].</summary>
    TransposedAlternating,

    /// <summary>The same with all of the gate's columns before those of up.</summary>
    TransposedGateThenUp,
}
