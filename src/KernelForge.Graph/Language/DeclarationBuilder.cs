using KernelForge.Architectures;
using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>Makes the graph of a declaration: walks its parts, finds their tensors in the weights, and knows at which part each problem was noted.</summary>
internal sealed class DeclarationBuilder
{
    private readonly List<GraphOutput> _outputs = [];
    private readonly HashSet<int> _layers = [];
    private readonly List<int> _owners = [];
    private readonly List<RotaryTable> _rotaries = [];
    private readonly Dictionary<Part, int> _places = new(SamePart.Instance);
    private HashSet<int>? _storedLayers;
    private bool _hasHead;
    private bool _hasMixed;

    private DeclarationBuilder(ModelReader model, DecoderTensors names, GraphDeclaration declaration)
    {
        (Model, Names, Declaration) = (model, names, declaration);
        Graph = new GraphBuilder(declaration.Width);
        var index = 0;
        foreach (var part in declaration.AllParts())
        {
            if (!_places.ContainsKey(part))
                _places.Add(part, index);
            index++;
        }
    }

    /// <summary>The weights.</summary>
    public ModelReader Model { get; }

    /// <summary>What they call their tensors.</summary>
    public DecoderTensors Names { get; }

    public GraphDeclaration Declaration { get; }

    public GraphBuilder Graph { get; }

    /// <summary>Length of the residual stream.</summary>
    public int Width => Declaration.Width;

    /// <summary>The weights' layer at hand, whose number stands in names of tensors; -1 outside of layers.</summary>
    public int StoredLayer { get; private set; } = -1;

    /// <summary>Whether parts of a branch are built.</summary>
    public bool IsInBranch { get; set; }

    /// <summary>What the next norm is called, in the graph and in the weights.</summary>
    public string NormName { get; set; } = "EmbeddingNorm";

    /// <summary>The table of the embedding, which a tied head reads too.</summary>
    public Weight Table { get; private set; } = null!;

    /// <summary>The node with the rows that cross-attention reads, or -1.</summary>
    public int States { get; private set; } = -1;

    /// <summary>Builds the graph; what is wrong is noted in the reader.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="names">What they call their tensors.</param>
    /// <param name="declaration">The declaration.</param>
    /// <param name="owners">Of every problem of the reader the part at which it was noted, or -1.</param>
    /// <param name="images">Builds what takes the place of some tokens' embedding; or null.</param>
    public static ModelGraph? Build(ModelReader model, DecoderTensors names, GraphDeclaration declaration, out IReadOnlyList<int> owners, ImageFeatures? images = null)
    {
        var builder = new DeclarationBuilder(model, names, declaration);
        owners = builder._owners;
        var graph = builder.Build(images);
        builder.Own(-1);
        return model.Failed ? null : graph;
    }

    /// <summary>The path of a tensor: in the layer at hand, or as it is.</summary>
    public string Path(string tensor) => StoredLayer < 0 ? tensor : Names.InLayer(StoredLayer, tensor);

    /// <summary>Builds parts one after another.</summary>
    public int Build(IEnumerable<Part> parts, int x)
    {
        // All of a layer is looked at, so that one reading finds what is wrong in each part of it.
        foreach (var part in parts)
            x = Build(part, x);
        return x;
    }

    /// <summary>Builds one part.</summary>
    public int Build(Part part, int x)
    {
        x = part.Build(this, x);
        Own(_places[part]);
        return x;
    }

    /// <summary>Notes an error where a condition does not hold.</summary>
    public bool Require(bool holds, string code, string argument, string message)
    {
        if (!holds)
            Model.Error(code, message, argument);
        return holds;
    }

    /// <summary>Notes an error where a size is out of its range.</summary>
    public bool RequireSize(int value, int least, int most, string argument) => Require(
        value >= least && value <= most, DeclarationCodes.SizeRange, argument, FormattableString.Invariant($"{argument} is {value}; it must lie between {least} and {most}."));

    /// <summary>Notes an error where a number is out of its range or none.</summary>
    public bool RequireNumber(double value, double least, double most, string argument) => Require(
        value >= least && value <= most, DeclarationCodes.NumberRange, argument, FormattableString.Invariant($"{argument} is {value:R}; it must lie between {least:R} and {most:R}."));

    /// <summary>Notes an error where an enum has no such member.</summary>
    public bool RequireMember<T>(T value, string argument)
        where T : struct, Enum => Require(
        Enum.IsDefined(typeof(T), value), DeclarationCodes.EnumUnknown, argument,
        $"{argument} is no member of {typeof(T).Name}; it knows {string.Join(", ", Enum.GetNames(typeof(T)))}.");

    /// <summary>A matrix with the bias that the weights have beside it.</summary>
    public int Linear(string name, int x, string tensor, int rows, int columns)
    {
        var path = Path(tensor);
        var matrix = Names.IsTransposed && StoredLayer >= 0 ? Model.Transposed(path + ".weight", rows, columns, 0, rows) : Model.Matrix(path + ".weight", rows, columns);
        return Graph.Linear(name, x, new LinearPart(name, matrix, Model.OptionalVector(path + ".bias", rows)));
    }

    /// <summary>A matrix that is no node of its own, with the bias that the weights have beside it.</summary>
    public LinearPart Part(string name, string tensor, int rows, int columns) =>
        new(name, Model.Matrix(Path(tensor) + ".weight", rows, columns), Model.OptionalVector(Path(tensor) + ".bias", rows));

    /// <summary>Some rows of a matrix that holds more, with the bias beside it.</summary>
    public int Rows(string name, int x, string tensor, int all, int first, int rows)
    {
        var path = Path(tensor);
        var columns = Graph.WidthOf(x);
        var matrix = Names.IsTransposed ? Model.Transposed(path + ".weight", all, columns, first, rows) : Model.RowsOf(path + ".weight", all, columns, first, rows);
        return Graph.Linear(name, x, new LinearPart(name, matrix, Model.OptionalVector(path + ".bias", all) is { } bias ? Model.Part(bias, first, rows) : null));
    }

    /// <summary>Index of the table of a rotation, made on first use; -1 where there is none.</summary>
    public int Rotary(Rope? rope, int headSize)
    {
        if (rope is null)
            return -1;
        var table = new RotaryTable((rope.Rotated ?? headSize) / 2, rope.Theta, rope.Scaling);
        var index = _rotaries.IndexOf(table);
        if (index >= 0)
            return index;
        _rotaries.Add(table);
        return _rotaries.Count - 1;
    }

    /// <summary>Builds a layer.</summary>
    public int BuildLayer(LayerPart layer, int x)
    {
        if (StoredLayer >= 0 || IsInBranch)
        {
            Model.Error(DeclarationCodes.LayersNested, "Layers cannot stand within a layer or a branch. Call Layers on the stream itself.", null);
            return x;
        }

        if (!RequireTokens(x))
            return x;
        if (Model.IsDeclared && !StoredLayers.Contains(layer.Stored))
        {
            Model.Error(
                DeclarationCodes.LayerBeyond, $"The weights have no layer {layer.Stored}: they have {StoredLayers.Count}, found as tensors called {Names.Layers}0..., {Names.Layers}1... and so on.", "layers");
            return x;
        }

        if (!_layers.Add(layer.Stored))
        {
            Model.Error(DeclarationCodes.LayerTwice, $"Layer {layer.Stored} of the weights is used twice; every layer needs tensors of its own. Say which layers are meant, for example Layers(0..4, ...).", "layers");
            return x;
        }

        (StoredLayer, _hasMixed, NormName, Graph.Layer) = (layer.Stored, false, "AttentionNorm", _layers.Count - 1);
        x = Build(layer.Parts, x);
        (StoredLayer, NormName, Graph.Layer) = (-1, "FinalNorm", -1);
        return x;
    }

    /// <summary>Whether a part stands in a layer, as it must; otherwise an error is noted.</summary>
    public bool RequireLayer()
    {
        if (StoredLayer < 0)
            Model.Error(DeclarationCodes.PartMisplaced, "This belongs to a layer: write it inside Layers.", null);
        return StoredLayer >= 0;
    }

    /// <summary>Whether a value has a row for each token, as it must; otherwise an error is noted.</summary>
    public bool RequireTokens(int x)
    {
        if (Graph.IsOfText(x))
            Model.Error(DeclarationCodes.PartMisplaced, "This works on the rows of tokens, and after FirstToken a text has one row. Write it before FirstToken.", null);
        return !Graph.IsOfText(x);
    }

    /// <summary>Whether a layer may mix its tokens here: it does so once, since it has one place in the cache.</summary>
    public bool MixTokens()
    {
        if (!RequireLayer())
            return false;
        if (_hasMixed)
            Model.Error(DeclarationCodes.LayerMixesTwice, "This layer mixes tokens already. Give each attention or convolution a layer of its own.", null);
        return !Model.Failed && (_hasMixed = true);
    }

    /// <summary>The head: logits, and nothing after them.</summary>
    public void BeginHead()
    {
        if (StoredLayer >= 0 || IsInBranch)
            Model.Error(DeclarationCodes.PartMisplaced, "The head stands after all layers, not within one.", null);
        if (Declaration.IsEncoder)
            Model.Error(DeclarationCodes.OutputKind, "An encoder has outputs and no head. Write Graph.Decoder, or name what leaves the encoder with Output.", null);
        _hasHead = true;
    }

    /// <summary>Names what leaves an encoder.</summary>
    public void Output(string name, int x)
    {
        if (Declaration.IsEncoder)
            EncoderOutputs.Check(this, name, x);
        else
            Model.Error(DeclarationCodes.OutputKind, "A decoder gives logits and has no other outputs. Write Graph.Encoder, or end with Head or TiedHead.", null);
        if (StoredLayer >= 0 || IsInBranch)
            Model.Error(DeclarationCodes.PartMisplaced, "An output stands outside of layers and branches.", null);
        if (_outputs.Exists(output => output.Name == name))
            Model.Error(DeclarationCodes.OutputTwice, $"There is an output '{name}' already. An encoder gives each once.", "name");
        _outputs.Add(new GraphOutput(name, x));
    }

    private ModelGraph? Build(ImageFeatures? images)
    {
        if (!CheckSizes())
            return null;
        var features = images?.Build(Graph, Width) ?? -1;
        if (Declaration.States is { } states)
        {
            Graph.BeginPart(new GraphPart("states", states, 0), states.Width);
            States = Graph.Input("States", states.Width);
        }

        Graph.EndPart();
        Table = Model.Matrix(Names.Embedding + ".weight", Declaration.Vocabulary + Declaration.ExtraIds, Width);
        var x = Graph.Embedding("Embedding", Table, Declaration.EmbeddingScale);
        if (images is not null)
            x = Graph.Fusion("FusedEmbedding", x, features, images.Token);
        foreach (var part in Declaration.Parts)
        {
            if (Model.Failed)
                return null;
            x = Build(part, x);
        }

        if (_layers.Count == 0)
            Model.Error(DeclarationCodes.LayersMissing, "The graph has no layers. Add them with Layers.", null);
        else if (!Declaration.IsEncoder && !_hasHead)
            Model.Error(DeclarationCodes.HeadMissing, "The decoder ends without a head, so it gives no logits. End with .TiedHead() or .Head().", null);
        if (Declaration.IsEncoder && !Model.Failed)
            EncoderOutputs.Complete(this, _outputs, x);
        var graph = Graph.Build(
            Declaration.Architecture ?? Model.Manifest.Architecture, Declaration.Vocabulary, Declaration.Context, _layers.Count, _rotaries.ToEquatableArray());
        return graph with { Outputs = _outputs.ToEquatableArray() };
    }

    /// <summary>Numbers of the layers that the weights have tensors of.</summary>
    private HashSet<int> StoredLayers => _storedLayers ??= [.. Model.Manifest.Tensors.Select(tensor => Names.LayerOf(tensor.Name)).OfType<int>()];

    private bool CheckSizes()
    {
        var sound = RequireSize(Declaration.Vocabulary, 1, 1 << 24, "vocabulary") & RequireSize(Declaration.Width, 1, 1 << 18, "width")
            & RequireSize(Declaration.Context, 1, RotaryReader.MostContext, "context") & RequireNumber(Declaration.EmbeddingScale, 1e-9, 1e9, "embeddingScale") & RequireSize(Declaration.ExtraIds, 0, 1 << 20, "extraIds")
            & (Declaration.States is null || (RequireSize(Declaration.States.Most, 1, 1 << 24, "most") & RequireSize(Declaration.States.Width, 1, 1 << 18, "states")));
        var tokens = Model.Integer("kernelforge.vocabulary", 0, int.MaxValue, Declaration.Vocabulary);
        return sound && Require(
            tokens >= Declaration.Vocabulary && tokens <= Declaration.Vocabulary + Declaration.ExtraIds, DeclarationCodes.VocabularyDiffers, "vocabulary",
            $"The tokenizer has {tokens} tokens and the graph a vocabulary of {Declaration.Vocabulary}.");
    }

    /// <summary>Two equal parts are still two places.</summary>
    private sealed class SamePart : IEqualityComparer<Part>
    {
        public static readonly SamePart Instance = new();

        public bool Equals(Part? x, Part? y) => ReferenceEquals(x, y);

        public int GetHashCode(Part part) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(part);
    }

    private void Own(int part)
    {
        while (_owners.Count < Model.ProblemCount)
            _owners.Add(part);
    }
}
