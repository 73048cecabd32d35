namespace KernelForge.Graphs;

/// <summary>
/// A mixture of experts (Shazeer et al., 2017): for each token a few gated feed-forwards, weighted and summed by ascending index.
/// Inputs: what the experts read [tokens, width], and the router's logits [tokens, experts].
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">Of the result: that of the stream.</param>
/// <param name="Inputs">Values and logits.</param>
/// <param name="Routing">Which experts compute a token, and with which weights.</param>
/// <param name="Experts">All of one shape.</param>
/// <param name="Activation">Of the gates.</param>
/// <param name="Format">How what lies between the experts' two matrices is stored.</param>
/// <param name="Clamp">Another unit in place of activation(gate) * up; or null.</param>
/// <param name="InputFormat">How what the experts read is stored, where it is weighted; otherwise as the node's input is.</param>
public sealed record MixtureNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Routing Routing, EquatableArray<Expert> Experts, Activation Activation,
    Plans.ActivationFormat Format = Plans.ActivationFormat.Float, ClampedUnit? Clamp = null,
    Plans.ActivationFormat InputFormat = Plans.ActivationFormat.Float)
    : Node(Id, Name, Layer, Width, Inputs);

/// <summary>gpt-oss's gated unit: g * sigmoid(slope * g) * (u + 1), where g is the gate, at most the limit, and u is up, between minus the limit and the limit.</summary>
/// <param name="Slope">Of the sigmoid.</param>
/// <param name="Limit">Above 0.</param>
public sealed record ClampedUnit(float Slope, float Limit);

/// <summary>down(activation(gate x) * up x).</summary>
/// <param name="Gate">[hidden, width].</param>
/// <param name="Up">[hidden, width].</param>
/// <param name="Down">[width, hidden].</param>
public sealed record Expert(LinearPart Gate, LinearPart Up, LinearPart Down);

/// <summary>How a router chooses. Of equal scores the lowest index wins.</summary>
/// <param name="Active">Experts of a token.</param>
/// <param name="Score">What logits become.</param>
/// <param name="Correction">[1, experts] added to the scores for the choice, not for the weights (Wang et al., 2024); or null.</param>
/// <param name="Groups">Groups of neighbouring experts; above 1 only those of the best <paramref name="ActiveGroups"/> are chosen from.</param>
/// <param name="ActiveGroups">Groups that are chosen from.</param>
/// <param name="GroupScore">Scores whose sum is a group's score: its largest, or its two largest.</param>
/// <param name="LeastSum">Where above 0 the weights are divided by their sum, or by this where that is less.</param>
/// <param name="Scale">Factor of the weights.</param>
/// <param name="ScalesInput">The weights multiply what an expert reads; otherwise what it gives.</param>
/// <param name="Margin">Of <see cref="RoutingScore.SparseMixer"/>, or 0.</param>
public sealed record Routing(
    int Active, RoutingScore Score, Weight? Correction = null, int Groups = 1, int ActiveGroups = 1, int GroupScore = 1, float LeastSum = 0, float Scale = 1,
    bool ScalesInput = false, float Margin = 0);

/// <summary>What a router's logits become.</summary>
public enum RoutingScore
{
    /// <summary>Shares among all experts.</summary>
    Softmax,

    /// <summary>Each for itself.</summary>
    Sigmoid,

    /// <summary>Shares among those chosen by their logits.</summary>
    SoftmaxOfChosen,

    /// <summary>
    /// Experts are chosen one after another by the largest logit (Liu et al., 2024). One's weight is its share among those not chosen before whose
    /// logit x is near that largest one m: (m - x) / max(|x|, m) is at most the margin.
    /// </summary>
    SparseMixer,
}

/// <summary>value * sigmoid(gate): a token's row times one number. Inputs: values [tokens, width], gates [tokens, 1].</summary>
public sealed record RowGateNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs)
    : Node(Id, Name, Layer, Width, Inputs);
