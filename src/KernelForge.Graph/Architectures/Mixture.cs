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

    private static readonly Key ScoreKey = new("expert_gating_func");
    private static readonly Key NormalizesKey = new("expert_weights_norm");

    /// <summary>Values between the two matrices of what every token passes through; 0: there is none.</summary>
    public int SharedHidden { get; init; }

    /// <summary>How the experts' matrices lie in their tensors.</summary>
    public ExpertForm Form { get; init; } = ExpertForm.Separate;

    /// <summary>Another unit in place of activation(gate) * up, or null.</summary>
    public ClampedUnit? Clamp { get; init; }

    /// <summary>Reads what all mixtures have.</summary>
    /// <param name="model">The model.</param>
    /// <param name="score">What the router's logits become.</param>
    /// <param name="normalizes">Whether the weights are divided by their sum, where a GGUF file does not say it.</param>
    public static Mixture Read(ModelReader model, RoutingScore score, bool normalizes)
    {
        var layers = DecoderConfig.LayerCount(model);
        var count = model.Integer(CountKey, 1, MostExperts);
        var active = model.IntegerOfLayers(ActiveKey, layers, 1, count);
        var hidden = model.IntegerOfLayers(model.Has(HiddenKey) ? HiddenKey : DecoderConfig.HiddenKey, layers, 1, 1 << 22);
        Repeats(model, score);
        // Shares among the chosen are divided by their sum whatever is said.
        if (model.Flag(NormalizesKey, normalizes) is var said && score is RoutingScore.Softmax or RoutingScore.Sigmoid)
            normalizes = said;
        return new Mixture(count, hidden, new Routing(active, score, LeastSum: normalizes ? 1e-20f : 0));
    }

    // GGUF's own numbers: shares of all, sigmoids, shares of the chosen, which shares of all become when their sum divides them.
    private static void Repeats(ModelReader model, RoutingScore score)
    {
        int[] known = score switch { RoutingScore.Softmax => [1], RoutingScore.Sigmoid => [2], _ => [1, 3] };
        if (model.Integer(ScoreKey, 0, int.MaxValue, 0) is var said and not 0 && !known.Contains(said))
        {
            model.Error(
                ProblemCodes.FeatureUnsupported,
                $"{model.Name(ScoreKey)} is {said}; the architecture '{model.Manifest.Architecture}' is compiled for {string.Join(" or ", known)}. Use a model without it.", model.Name(ScoreKey));
        }
    }

    /// <summary>The same with a choice among the best groups of experts, where the model has groups.</summary>
    /// <param name="model">The model.</param>
    /// <param name="groupScore">Scores whose sum is a group's.</param>
    /// <param name="published">Groups, and how many of them are chosen from, of a folder that does not say.</param>
    public Mixture InGroups(ModelReader model, int groupScore, (int Groups, int Active) published)
    {
        var key = new Key("expert_group_count", "n_group");
        var activeKey = new Key("expert_group_used_count", "topk_group");
        var groups = model.Integer(key, 1, Count, model.IsUnsaid(key) ? published.Groups : 1);
        var active = model.Integer(activeKey, 1, groups, model.IsUnsaid(activeKey) ? published.Active : 1);
        var size = Count / groups;
        if (active > groups || (groups > 1 && (Count % groups != 0 || size < groupScore || active * size < Routing.Active)))
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
