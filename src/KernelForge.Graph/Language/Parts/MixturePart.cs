using KernelForge.Architectures;
using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>A mixture of experts in place of a feed-forward.</summary>
/// <param name="Experts">Number of experts.</param>
/// <param name="Hidden">Values between an expert's matrices.</param>
/// <param name="Routing">How experts are chosen; whether there is a correction, the weights say.</param>
public sealed record MixturePart(int Experts, int Hidden, Routing Routing) : Part
{
    /// <summary>Of the gates.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Values between the matrices of what every token passes through; 0: there is none.</summary>
    public int SharedHidden { get; init; }

    /// <summary>Another unit in place of activation(gate) * up, or null.</summary>
    public ClampedUnit? Clamp { get; init; }

    /// <summary>How the experts' matrices lie in their tensors.</summary>
    public ExpertForm Storage { get; init; }

    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!builder.RequireLayer() || !Check(builder))
            return x;
        var width = builder.Graph.WidthOf(x);
        return builder.Require(width == builder.Width, DeclarationCodes.WidthDiffers, "experts", $"Experts read rows of {builder.Width} values, and here are {width}.")
            ? new MixtureGraph(builder, this, width).Build(x)
            : x;
    }

    internal override void Print(CallPrinter printer) => printer.Begin("MixtureOfExperts")
        .Argument("experts", Experts).Argument("active", Routing.Active).Argument("hidden", Hidden).Call("router", inner => RouterText.Print(inner, Routing))
        .Member("activation", Activation, Activation.Silu).Argument("sharedHidden", SharedHidden, 0)
        .Call("clamp", Clamp is { } clamp ? inner => inner.New("new ClampedUnit").Argument("slope", clamp.Slope).Argument("limit", clamp.Limit).Close() : null)
        .Member("storage", Storage, ExpertForm.Separate, "ExpertStorage").End();

    private bool Check(DeclarationBuilder builder)
    {
        var (groups, active) = (Routing.Groups, Routing.ActiveGroups);
        return builder.RequireSize(Experts, 1, 4096, "experts") && builder.RequireSize(Hidden, 1, 1 << 22, "hidden")
            && builder.RequireSize(SharedHidden, 0, 1 << 22, "sharedHidden") && builder.RequireSize(Routing.Active, 1, 4096, "active")
            && builder.Require(Routing.Active <= Experts, DeclarationCodes.ActiveExperts, "active", $"{Routing.Active} experts are active and there are only {Experts}.")
            && builder.RequireMember(Activation, "activation") && builder.RequireMember(Storage, "storage")
            && builder.Require(
                groups >= 1 && active >= 1 && active <= groups && Experts % groups == 0 && Routing.GroupScore is 1 or 2 && Routing.GroupScore <= Experts / groups
                && Routing.Active <= active * (Experts / groups), DeclarationCodes.ExpertGroups, "router",
                $"{groups} groups, of which {active} are chosen from by their {Routing.GroupScore} best, do not go with {Experts} experts, of which {Routing.Active} are active: groups are equal, and those chosen hold the active experts.")
            && builder.RequireNumber(Routing.Scale, 1e-6, 1e6, "router") && builder.RequireNumber(Routing.LeastSum, 0, 1, "router") && builder.RequireNumber(Routing.Margin, 0, 1e6, "router")
            && (Clamp is null || (builder.RequireNumber(Clamp.Limit, 1e-6, 1e6, "clamp") && builder.RequireNumber(Clamp.Slope, 1e-6, 1e6, "clamp")));
    }
}

/// <summary>The call that makes a router.</summary>
internal static class RouterText
{
    /// <summary>What "normalized" means where nothing else is said: no division by less.</summary>
    public const float LeastSum = 1e-20f;

    public static void Print(CallPrinter printer, Routing routing)
    {
        printer.New("Router." + routing.Score switch
        {
            RoutingScore.Softmax => "SoftmaxTopK",
            RoutingScore.Sigmoid => "SigmoidTopK",
            RoutingScore.SparseMixer => "SparseMixer",
            _ => "TopKSoftmax",
        });
        if (routing.Score == RoutingScore.SparseMixer)
            printer.Argument("margin", routing.Margin);
        printer.Argument("normalize", routing.LeastSum > 0, false);
        if (routing.LeastSum > 0)
            printer.Argument("leastSum", routing.LeastSum, LeastSum);
        printer.Argument("groups", routing.Groups, 1).Argument("activeGroups", routing.ActiveGroups, 1).Argument("groupScore", routing.GroupScore, 1)
            .Argument("scale", routing.Scale, 1).Argument("scalesInput", routing.ScalesInput, false).Close();
    }
}
