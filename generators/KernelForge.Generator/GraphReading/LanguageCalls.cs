using KernelForge.Architectures;
using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Generator.GraphReading;

/// <summary>What each call of the graph language means. A new part is a method of <c>KernelForge.Modeling.Value</c> and a line here.</summary>
internal static class LanguageCalls
{
    /// <summary>Calls on a value that give one part. A function among their arguments has become the parts of its branch.</summary>
    public static readonly Dictionary<string, Func<Arguments, Part>> Parts = new(StringComparer.Ordinal)
    {
        ["Positions"] = call => new PositionsPart(call.Int("first")),
        ["TokenTypes"] = call => new TokenTypesPart(call.Int("types")),
        ["Residual"] = call => new ResidualPart(call.Branch("branch"), call.Float("factor"), call.TextOrNull("gate")),
        ["Parallel"] = call => new ParallelPart(call.Branch("first"), call.Branch("second"), call.Float("factor")),
        ["ParallelOn"] = call => new ParallelOnPart(call.Branch("shared"), call.Branch("first"), call.Branch("second"), call.Float("factor")),
        ["RmsNorm"] = call => Norm(call, NormKind.Rms),
        ["LayerNorm"] = call => Norm(call, NormKind.Layer),
        ["Attention"] = Attention,
        ["CrossAttention"] = call => new CrossAttentionPart(
            call.Int("heads"), call.IntOrNull("keyValueHeads") ?? call.Int("heads"), call.IntOrNull("headSize"), call.ObjectOrNull<HeadNormSpec>("headNorms")),
        ["LatentAttention"] = call => new LatentAttentionPart(
            call.Int("heads"), call.Int("rank"), call.Int("plainSize"), call.Int("rotatedSize"), call.Int("valueSize"), call.Object<Rope>("rope"), call.Float("epsilon"))
        {
            QueryRank = call.IntOrNull("queryRank"), Scale = call.FloatOrNull("scale"),
        },
        ["ShortConvolution"] = call => new ShortConvolutionPart(call.Int("taps")),
        ["FeedForward"] = call => new FeedForwardPart(call.Int("hidden"), call.Member<Activation>("activation"), call.Flag("gated")),
        ["MixtureOfExperts"] = call => new MixturePart(call.Int("experts"), call.Int("hidden"), call.Object<Routing>("router") with { Active = call.Int("active") })
        {
            Activation = call.Member<Activation>("activation"), SharedHidden = call.Int("sharedHidden"), Clamp = call.ObjectOrNull<ClampedUnit>("clamp"),
            Storage = call.Member<ExpertForm>("storage"),
        },
        ["Linear"] = call => new LinearOfPart(call.Int("rows"), call.Text("tensor")),
        ["Activate"] = call => new ActivatePart(call.Member<Activation>("activation")),
        ["FirstToken"] = _ => new FirstTokenPart(),
        ["Output"] = call => new OutputPart(call.Text("name")),
        ["TiedHead"] = call => new HeadPart(IsTied: true, Softcap: call.FloatOrNull("softcap")),
        ["Head"] = call => new HeadPart(IsTied: false, call.TextOrNull("tensor"), call.FloatOrNull("softcap")),
    };

    /// <summary>Calls that give something a part needs, by type and method; a constructor is called <c>new</c>.</summary>
    public static readonly Dictionary<string, Func<Arguments, object>> Objects = new(StringComparer.Ordinal)
    {
        ["Rope.Default"] = call => Rope(call, new RotaryScaling.Default()),
        ["Rope.Linear"] = call => Rope(call, new RotaryScaling.Linear(call.Real("factor"))),
        ["Rope.Dynamic"] = call => Rope(call, new RotaryScaling.Dynamic(call.Real("factor"), call.Int("originalContext"))),
        ["Rope.Yarn"] = call => Rope(call, new RotaryScaling.Yarn(
            call.Real("factor"), call.Int("originalContext"), call.Real("attentionFactor"), call.Real("betaFast"), call.Real("betaSlow"), call.Flag("truncate"))),
        ["Rope.Llama3"] = call => Rope(call, new RotaryScaling.Llama3(
            call.Real("factor"), call.Real("lowFrequencyFactor"), call.Real("highFrequencyFactor"), call.Int("originalContext"))),
        ["Rope.PerPair"] = call => Rope(call, new RotaryScaling.PerPair(
            call.Reals("shortFactors"), call.Reals("longFactors"), null, null, call.Int("originalContext"), call.Real("attentionFactor"))),
        ["Rope.FromTensors"] = call => Rope(call, new RotaryScaling.PerPair(
            default, default, call.Text("shortTensor"), call.TextOrNull("longTensor") ?? call.Text("shortTensor"), call.Int("originalContext"), call.Real("attentionFactor"))),
        ["Router.SoftmaxTopK"] = call => Router(call, RoutingScore.Softmax, 0),
        ["Router.SigmoidTopK"] = call => Router(call, RoutingScore.Sigmoid, 0),
        ["Router.TopKSoftmax"] = call => Router(call, RoutingScore.SoftmaxOfChosen, 0),
        ["Router.SparseMixer"] = call => Router(call, RoutingScore.SparseMixer, call.Float("margin")),
        ["ClampedUnit.new"] = call => new ClampedUnit(call.Float("slope"), call.Float("limit")),
        ["HeadNorms.Rms"] = call => HeadNorms(call, NormKind.Rms),
        ["HeadNorms.Layer"] = call => HeadNorms(call, NormKind.Layer),
        ["QueryTemperature.new"] = call => new QueryTemperature(call.Real("scale"), call.Real("floor")),
        ["States.Rows"] = call => new GraphInput.Rows(call.Text("name"), call.Int("most"), call.Int("width")),
        ["TensorNames.OfWeights"] = _ => new TensorScheme(null, default),
        ["TensorNames.Gguf"] = _ => new TensorScheme(TensorSchemes.Gguf, default),
        ["TensorNames.HuggingFace"] = _ => new TensorScheme(TensorSchemes.HuggingFace, default),
        ["TensorNames.Of"] = call => new TensorScheme(call.Text("architecture"), default),
    };

    /// <summary>What <c>TensorNames.With</c> changes.</summary>
    public static TensorScheme With(TensorScheme scheme, Arguments call)
    {
        var changes = call.Written.Select(name => new TensorChange(name, call.Value(name) switch
        {
            bool flag => flag ? "true" : "false",
            null => null!,
            _ => call.Text(name),
        })).Where(change => change.Name is not null);
        return scheme with { Changes = scheme.Changes.Concat(changes).ToEquatableArray() };
    }

    /// <summary>The declaration that a finished chain is.</summary>
    public static GraphDeclaration Declaration(ReadValue value)
    {
        var call = value.Root.Arguments!;
        return new GraphDeclaration(call.Int("vocabulary"), call.Int("width"), call.Int("context"), value.Parts())
        {
            IsEncoder = value.Root.IsEncoder, EmbeddingScale = call.Float("embeddingScale"), Architecture = call.TextOrNull("architecture"),
            ExtraIds = call.Int("extraIds"), States = call.ObjectOrNull<GraphInput.Rows>("states"),
            Tensors = call.ObjectOrNull<TensorScheme>("tensors") ?? new TensorScheme(null, default),
        };
    }

    private static NormPart Norm(Arguments call, NormKind kind) =>
        new(kind, call.Float("epsilon"), call.Flag("scaled"), call.Float("offset"), call.Float("factor"), call.TextOrNull("tensor"));

    private static AttentionPart Attention(Arguments call) => new(call.Int("heads"), call.IntOrNull("keyValueHeads") ?? call.Int("heads"), call.IntOrNull("headSize"), call.ObjectOrNull<Rope>("rope"))
    {
        Window = call.IntOrNull("window"), Chunk = call.IntOrNull("chunk"), Scale = call.FloatOrNull("scale"), Softcap = call.FloatOrNull("softcap"),
        HeadNorms = call.ObjectOrNull<HeadNormSpec>("headNorms"), HasSinks = call.Flag("sinks"), Temperature = call.ObjectOrNull<QueryTemperature>("temperature"),
        IsBidirectional = call.Flag("bidirectional"), IsFusedByHead = call.Flag("fusedByHead"),
    };

    // The pairs' enum has two members; a third is a number cast to it, which the check of enums cannot see any more.
    private static Rope Rope(Arguments call, RotaryScaling scaling) => new(call.Real("theta"), scaling, call.IntOrNull("rotated"), call.Member<RopePairing>("pairs") switch
    {
        RopePairing.Halves => false,
        RopePairing.Neighbours => true,
        _ => throw new ReadException(DeclarationCodes.EnumUnknown, "pairs is no member of RopePairs; it knows Halves and Neighbours.", call.At("pairs")),
    });

    private static Routing Router(Arguments call, RoutingScore score, float margin) => new(
        0, score, null, call.Int("groups"), call.Int("activeGroups"), call.Int("groupScore"), call.Flag("normalize") ? LeastSum(call) : 0, call.Float("scale"),
        call.Flag("scalesInput"), margin);

    private static float LeastSum(Arguments call) => call.Float("leastSum") is var least and > 0 and <= 1
        ? least
        : throw new ReadException(DeclarationCodes.NumberRange, "leastSum must lie above 0 and be at most 1; leave out normalize where weights are not divided.", call.At("leastSum"));

    private static HeadNormSpec HeadNorms(Arguments call, NormKind kind) =>
        new(kind, call.Float("epsilon"), call.Member<HeadNormScope>("scope"), call.Flag("scaled"), call.Flag("afterRope"), call.Float("offset"));

    private enum RopePairing
    {
        Halves,
        Neighbours,
    }
}
