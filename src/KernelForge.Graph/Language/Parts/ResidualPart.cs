using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>x + factor * branch(x).</summary>
/// <param name="Branch">What is added.</param>
/// <param name="Factor">Of what is added.</param>
/// <param name="Gate">The whole name of a tensor of one value in the layer, whose hyperbolic tangent is another factor; or null.</param>
public sealed record ResidualPart(EquatableArray<Part> Branch, float Factor = 1, string? Gate = null) : Part
{
    internal override IEnumerable<Part> Inner => Branch;

    internal override int Build(DeclarationBuilder builder, int x)
    {
        var kind = Branches.Kind(Branch);
        var added = Branches.Build(builder, Branch, kind, x);
        return Branches.Add(builder, x, added, kind, Factor, Gate is null ? null : builder.Model.Vector(builder.Path(Gate), 1));
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Residual").Branch(null, "x", Branch).Argument("factor", Factor, 1).Argument("gate", Gate).End();
}

/// <summary>x + factor * first(x) + factor * second(x): both read the same row.</summary>
/// <param name="First">What is added first.</param>
/// <param name="Second">What is added then.</param>
/// <param name="Factor">Of each.</param>
public sealed record ParallelPart(EquatableArray<Part> First, EquatableArray<Part> Second, float Factor = 1) : Part
{
    internal override IEnumerable<Part> Inner => First.Concat(Second);

    internal override int Build(DeclarationBuilder builder, int x)
    {
        // Norms come before anything is added, since the stream they read changes in place.
        var branches = new[] { First, Second }.Select(parts => (Parts: parts, Kind: Branches.Kind(parts))).ToList();
        var norms = branches.ConvertAll(branch => Branches.Build(builder, branch.Parts.Take(Branches.LeadingNorms(branch.Parts)), branch.Kind, x));
        var sum = x;
        foreach (var (branch, norm) in branches.Zip(norms, (branch, norm) => (branch, norm)))
            sum = Branches.Add(builder, sum, Branches.Build(builder, branch.Parts.Skip(Branches.LeadingNorms(branch.Parts)), branch.Kind, norm), branch.Kind, Factor);
        return sum;
    }

    internal override void Print(CallPrinter printer) => printer.Begin("Parallel").Branch(null, "x", First).Branch(null, "x", Second).Argument("factor", Factor, 1).End();
}

/// <summary>y = shared(x); x + factor * first(y) + factor * second(y).</summary>
/// <param name="Shared">What both branches read.</param>
/// <param name="First">What is added first.</param>
/// <param name="Second">What is added then.</param>
/// <param name="Factor">Of each.</param>
public sealed record ParallelOnPart(EquatableArray<Part> Shared, EquatableArray<Part> First, EquatableArray<Part> Second, float Factor = 1) : Part
{
    internal override IEnumerable<Part> Inner => Shared.Concat(First).Concat(Second);

    internal override int Build(DeclarationBuilder builder, int x)
    {
        var shared = Branches.Build(builder, Shared, Branches.Kind(First), x);
        var sum = x;
        foreach (var branch in new[] { First, Second })
            sum = Branches.Add(builder, sum, Branches.Build(builder, branch, Branches.Kind(branch), shared), Branches.Kind(branch), Factor);
        return sum;
    }

    internal override void Print(CallPrinter printer) =>
        printer.Begin("ParallelOn").Branch(null, "x", Shared).Branch(null, "n", First).Branch(null, "n", Second).Argument("factor", Factor, 1).End();
}

/// <summary>Branches that are added to the stream. What they are about names the norms and the sum around it.</summary>
internal static class Branches
{
    /// <summary><c>Attention</c> for what mixes tokens, <c>FeedForward</c> for what does not.</summary>
    public static string Kind(IEnumerable<Part> parts) => parts.Any(part => part is IMixesTokens) ? "Attention" : "FeedForward";

    /// <summary>Number of norms that a branch begins with.</summary>
    public static int LeadingNorms(IEnumerable<Part> parts) => parts.TakeWhile(part => part is NormPart).Count();

    /// <summary>Builds a branch, or a piece of it.</summary>
    public static int Build(DeclarationBuilder builder, IEnumerable<Part> parts, string kind, int x)
    {
        var (outer, wasInBranch) = (builder.NormName, builder.IsInBranch);
        builder.IsInBranch = true;
        foreach (var part in parts)
        {
            builder.NormName = part is NormPart && HasPassed(parts, part) ? "Post" + kind + "Norm" : kind + "Norm";
            x = builder.Build(part, x);
        }

        (builder.NormName, builder.IsInBranch) = (outer, wasInBranch);
        return x;
    }

    /// <summary>Adds a branch to the stream.</summary>
    public static int Add(DeclarationBuilder builder, int x, int added, string kind, float factor, Weight? gate = null)
    {
        builder.RequireNumber(factor, -1e9, 1e9, "factor");
        var (width, stream) = (builder.Graph.WidthOf(added), builder.Graph.WidthOf(x));
        builder.Require(width == stream, DeclarationCodes.WidthDiffers, "branch", $"The branch gives rows of {width} values and the stream has {stream}. End it with something that leads back, such as Linear({stream}, ...).");
        builder.NormName = kind + "Norm";
        return builder.Graph.Add(kind + "Residual", x, added, factor, gate);
    }

    private static bool HasPassed(IEnumerable<Part> parts, Part norm) => parts.TakeWhile(part => !ReferenceEquals(part, norm)).Any(part => part is not NormPart);
}
