namespace KernelForge.Modeling;

/// <summary>
/// How a mixture chooses its experts. A correction of the scores for the choice (Wang et al., 2024) applies where the weights have one; of equal scores the
/// lowest index wins. With groups, only experts of the best groups are chosen from.
/// </summary>
public sealed class Router
{
    private Router()
    {
    }

    /// <summary>Shares among all experts; the largest are chosen.</summary>
    /// <param name="normalize">Whether the chosen weights are divided by their sum.</param>
    /// <param name="leastSum">What they are divided by where their sum is less.</param>
    /// <param name="groups">Groups of neighbouring experts.</param>
    /// <param name="activeGroups">Groups that are chosen from.</param>
    /// <param name="groupScore">A group's score is the sum of its so many best: 1 or 2.</param>
    /// <param name="scale">Factor of the weights.</param>
    /// <param name="scalesInput">The weights multiply what an expert reads; otherwise what it gives.</param>
    public static Router SoftmaxTopK(
        bool normalize = false, double leastSum = 1e-20, int groups = 1, int activeGroups = 1, int groupScore = 1, double scale = 1, bool scalesInput = false) => throw Declared.Error;

    /// <summary>The sigmoid of each expert's logit; the largest are chosen (DeepSeek-V3, Llama 4).</summary>
    /// <inheritdoc cref="SoftmaxTopK"/>
    public static Router SigmoidTopK(
        bool normalize = false, double leastSum = 1e-20, int groups = 1, int activeGroups = 1, int groupScore = 1, double scale = 1, bool scalesInput = false) => throw Declared.Error;

    /// <summary>The largest logits are chosen; the weights are shares among them (gpt-oss, Granite).</summary>
    /// <inheritdoc cref="SoftmaxTopK"/>
    public static Router TopKSoftmax(
        bool normalize = false, double leastSum = 1e-20, int groups = 1, int activeGroups = 1, int groupScore = 1, double scale = 1, bool scalesInput = false) => throw Declared.Error;

    /// <summary>Experts are chosen one after another; a weight is the share among those whose logit is near (Liu et al., 2024).</summary>
    /// <param name="margin">How near.</param>
    /// <param name="normalize">Whether the chosen weights are divided by their sum.</param>
    /// <param name="leastSum">What they are divided by where their sum is less.</param>
    /// <param name="groups">Groups of neighbouring experts.</param>
    /// <param name="activeGroups">Groups that are chosen from.</param>
    /// <param name="groupScore">A group's score is the sum of its so many best: 1 or 2.</param>
    /// <param name="scale">Factor of the weights.</param>
    /// <param name="scalesInput">The weights multiply what an expert reads; otherwise what it gives.</param>
    public static Router SparseMixer(
        double margin, bool normalize = false, double leastSum = 1e-20, int groups = 1, int activeGroups = 1, int groupScore = 1, double scale = 1, bool scalesInput = false) => throw Declared.Error;
}

/// <summary>How experts' matrices lie in the weights.</summary>
public enum ExpertStorage
{
    /// <summary>Gate, up and down apart: [experts, hidden, width], or a tensor for each expert where its name holds {0}.</summary>
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

/// <summary>gpt-oss's gated unit: g * sigmoid(slope * g) * (u + 1), where the gate g is at most the limit, and u lies between minus the limit and the limit.</summary>
/// <param name="slope">Of the sigmoid.</param>
/// <param name="limit">Above 0.</param>
public sealed class ClampedUnit(double slope, double limit)
{
    /// <summary>Of the sigmoid.</summary>
    public double Slope { get; } = slope;

    /// <summary>Above 0.</summary>
    public double Limit { get; } = limit;
}
