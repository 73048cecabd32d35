using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Builds the graph of a <see cref="Decoder"/>.</summary>
internal sealed class DecoderGraph
{
    private readonly ModelReader _model;
    private readonly Decoder _decoder;
    private readonly DecoderTensors _names;
    private readonly DecoderConfig _config;
    private readonly GraphBuilder _graph;
    private readonly Activation _activation;
    private int _states = -1;

    private DecoderGraph(ModelReader model, Decoder decoder, DecoderTensors names, DecoderConfig config)
    {
        (_model, _decoder, _names, _config) = (model, decoder, names, config);
        _graph = new GraphBuilder(config.Width);
        _activation = Activations.Read(model, decoder.Activation);
    }

    /// <summary>The graph, or null where the reader has noted an error.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decoder">What it is like.</param>
    /// <param name="images">Builds what takes the place of some tokens' embedding; or null.</param>
    public static ModelGraph? Build(ModelReader model, Decoder decoder, ImageFeatures? images = null)
    {
        var names = model.IsFolder ? decoder.FolderTensors : decoder.GgufTensors;
        var config = DecoderConfig.Read(model, decoder, names);
        if (model.Failed)
            return null;
        var rotaries = decoder.HasLearnedPositions
            ? default
            : decoder.Rotaries.Select(keys => RotaryReader.Read(model, keys, 2 * (int)(config.HeadSize * decoder.RotaryShare / 2), config.HeadSize, config.Context)).ToEquatableArray();
        return model.Failed ? null : new DecoderGraph(model, decoder, names, config).Build(rotaries, images);
    }

    private ModelGraph Build(EquatableArray<RotaryTable> rotaries, ImageFeatures? images)
    {
        var features = images?.Build(_graph, _config.Width) ?? -1;
        if (_decoder.Cross is { } cross)
        {
            _graph.BeginPart(new GraphPart("states", new GraphInput.Rows(cross.Input, cross.Most, cross.Width), 0), cross.Width);
            _states = _graph.Input("States", cross.Width);
        }

        _graph.EndPart();
        var table = _model.Matrix(_names.Embedding + ".weight", _config.Vocabulary + _decoder.ExtraIds, _config.Width);
        var x = _graph.Embedding("Embedding", table, (float)_decoder.EmbeddingScale);
        if (images is not null)
            x = _graph.Fusion("FusedEmbedding", x, features, images.Token);
        if (_decoder.HasLearnedPositions)
            x = _graph.Add("EmbeddingWithPosition", x, _graph.Position("Position", _model.Matrix(_names.Positions + ".weight", _config.Context, _config.Width)));
        for (var layer = 0; layer < _config.Layers && !_model.Failed; layer++)
        {
            _graph.Layer = layer;
            x = Layer(x);
        }

        _graph.Layer = -1;
        var norm = Norm(_names.FinalNorm);
        // A factor of the logits is one of what the head reads.
        var factor = (float)_decoder.LogitScale;
        x = _graph.Norm("FinalNorm", x, norm with { Scale = norm.Scale! with { Factor = factor }, Shift = norm.Shift is { } shift ? shift with { Factor = factor } : null });
        var isTied = _model.IsFolder ? _model.Flag("config.tie_word_embeddings", !_model.HasTensor(_names.Head + ".weight")) : !_model.HasTensor(_names.Head + ".weight");
        var head = isTied ? table : _model.Matrix(_names.Head + ".weight", _config.Vocabulary, _config.Width);
        x = _graph.Linear("Logits", x, new LinearPart("Logits", head, _model.OptionalVector(_names.Head + ".bias", _config.Vocabulary)));
        if (_decoder.LogitSoftcap > 0)
            _graph.Softcap("CappedLogits", x, (float)_decoder.LogitSoftcap);
        return _graph.Build(_model.Manifest.Architecture, _config.Vocabulary, _config.Context, _config.Layers, rotaries);
    }

    private int Layer(int x)
    {
        var form = _decoder.Form;
        var attention = form == LayerForm.PostNorm ? x : _graph.Norm("AttentionNorm", x, Norm(Path(_names.AttentionNorm)));
        var feedForward = form switch
        {
            LayerForm.Parallel => attention,
            LayerForm.ParallelNorms => _graph.Norm("FeedForwardNorm", x, Norm(Path(_names.FeedForwardNorm))),
            _ => -1,
        };
        var attended = PostNorm("PostAttentionNorm", Mixed(attention), _names.PostAttentionNorm);
        x = _graph.Add("AttentionResidual", x, attended, (float)_decoder.ResidualScale, Gate(_names.CrossGate));
        if (feedForward < 0)
            feedForward = form == LayerForm.PostNorm ? x : _graph.Norm("FeedForwardNorm", x, Norm(Path(_names.FeedForwardNorm)));
        var fed = PostNorm("PostFeedForwardNorm", FeedForward(feedForward), _names.PostFeedForwardNorm);
        return _graph.Add("FeedForwardResidual", x, fed, (float)_decoder.ResidualScale, Gate(_names.CrossFeedForwardGate));
    }

    private bool IsCross => _decoder.Layers.HasCrossAttention?[_graph.Layer] == true;

    private Weight? Gate(string tensor) => IsCross ? _model.Vector(Path(tensor), 1) : null;

    private int PostNorm(string name, int x, string tensor) =>
        _decoder.Form is LayerForm.PostNorm or LayerForm.Sandwich ? _graph.Norm(name, x, Norm(Path(tensor))) : x;

    /// <summary>What a layer mixes tokens by.</summary>
    private int Mixed(int x)
    {
        if (_decoder.Layers.HasAttention?[_graph.Layer] == false)
            return ShortConvolution(x);
        if (IsCross)
            return CrossAttention(x);
        if (_decoder.Latent is not { } latent)
            return Attention(x);
        var attended = new LatentGraph(_model, _graph, latent, _names, _config, IsAdjacent).Build(x);
        return Linear("AttentionOutput", attended, _names.AttentionOutput, _config.Width, _config.Heads * latent.Value);
    }

    private int ShortConvolution(int x)
    {
        var width = _config.Width;
        var (matrix, bias) = (Path(_names.ConvolutionInput) + ".weight", _model.OptionalVector(Path(_names.ConvolutionInput) + ".bias", 3 * width));
        int Part(string name, int index) => _graph.Linear(
            name, x, new LinearPart(name, _model.RowsOf(matrix, 3 * width, width, index * width, width), bias is null ? null : _model.Part(bias, index * width, width)));
        var taps = _model.Taps(Path(_names.Convolution) + ".weight", width, _decoder.Taps);
        var (before, after, value) = (Part("ConvolutionBefore", 0), Part("ConvolutionAfter", 1), Part("ConvolutionValue", 2));
        var mixed = _graph.ShortConvolution("ShortConvolution", before, after, value, taps, _model.OptionalVector(Path(_names.Convolution) + ".bias", width));
        return Linear("ConvolutionOutput", mixed, _names.ConvolutionOutput, width, width);
    }

    private bool IsAdjacent => _decoder.Pairing == Pairing.Neighbours || (_decoder.Pairing == Pairing.NeighboursInGguf && !_model.IsFolder);

    private int Attention(int x)
    {
        var (query, key, value) = QueryKeyValue(x);
        var layer = _graph.Layer;
        var window = _decoder.Layers.Windows?[layer] ?? 0;
        var chunk = _decoder.Layers.Chunks?[layer] ?? 0;
        var rotary = _decoder.HasLearnedPositions ? -1 : _decoder.Layers.Rotary?[layer] ?? 0;
        var attended = _graph.Attention(id => new AttentionNode(
            id, "Attention", layer, _config.Heads * _config.HeadSize, EquatableArray.Create(query, key, value),
            _config.Heads, _config.KeyValueHeads, _config.HeadSize, (float)(_decoder.AttentionScale ?? (1 / Math.Sqrt(_config.HeadSize))),
            window >= _config.Context ? 0 : window, rotary, IsAdjacent, HeadNorms(rotary), (float)_decoder.ScoreSoftcap,
            _decoder.HasSinks ? _model.Vector(Path(_names.Sinks), _config.Heads) : null, chunk >= _config.Context ? 0 : chunk, rotary < 0 ? _decoder.Temperature : null));
        return Linear("AttentionOutput", attended, _names.AttentionOutput, _config.Width, _config.Heads * _config.HeadSize);
    }

    private int CrossAttention(int x)
    {
        var (layer, queries, keys, size) = (_graph.Layer, _config.Heads * _config.HeadSize, _config.KeyValueHeads * _config.HeadSize, _config.HeadSize);
        LinearPart Part(string name, string tensor) => new(
            name, _model.Matrix(Path(tensor) + ".weight", keys, _decoder.Cross!.Width), _model.OptionalVector(Path(tensor) + ".bias", keys));
        var query = Linear("CrossQuery", x, _names.CrossQuery, queries, _config.Width);
        var attended = _graph.CrossAttention(id => new CrossAttentionNode(
            id, "CrossAttention", layer, queries, EquatableArray.Create(query, _states), Part("CrossKey", _names.CrossKey), Part("CrossValue", _names.CrossValue),
            _config.Heads, _config.KeyValueHeads, size, (float)(1 / Math.Sqrt(size)),
            new HeadNorms(Norm(Path(_names.CrossQueryNorm), size), Norm(Path(_names.CrossKeyNorm), size), Whole: false, AfterRotary: false)));
        return Linear("AttentionOutput", attended, _names.CrossOutput, _config.Width, queries);
    }

    private HeadNorms? HeadNorms(int rotary)
    {
        if (_decoder.HeadNorms == HeadNormForm.UnscaledAfterRotary)
        {
            var unscaled = new Norm(NormKind.Rms, null, null, _config.Epsilon);
            return rotary < 0 ? null : new HeadNorms(unscaled, unscaled, Whole: false, AfterRotary: true);
        }

        Norm Of(string tensor, int heads) => _decoder.HeadNorms == HeadNormForm.PerHead
            ? new Norm(_decoder.Norm, _model.VectorOfRows(Path(tensor) + ".weight", heads, _config.HeadSize), null, _config.Epsilon)
            : Norm(Path(tensor), _decoder.HeadNorms == HeadNormForm.Whole ? heads * _config.HeadSize : _config.HeadSize);
        return _decoder.HeadNorms == HeadNormForm.None ? null : new HeadNorms(
            Of(_names.QueryNorm, _config.Heads), Of(_names.KeyNorm, _config.KeyValueHeads),
            _decoder.HeadNorms == HeadNormForm.Whole, _decoder.HeadNorms == HeadNormForm.SharedAfterRotary);
    }

    private (int Query, int Key, int Value) QueryKeyValue(int x)
    {
        var size = _config.HeadSize;
        var (queries, keys) = (_config.Heads * size, _config.KeyValueHeads * size);
        var path = Path(_names.QueryKeyValue);
        if (!_model.HasTensor(path + ".weight"))
        {
            return (
                Linear("Query", x, _names.Query, queries, _config.Width),
                Linear("Key", x, _names.Key, keys, _config.Width),
                Linear("Value", x, _names.Value, keys, _config.Width));
        }

        var all = queries + (2 * keys);
        var bias = _model.OptionalVector(path + ".bias", all);
        int Part(string name, int index, int first, int rows)
        {
            var matrix = _names.IsGpt2 ? _model.Transposed(path + ".weight", all, _config.Width, first, rows) : _model.RowsOf(path + ".weight", all, _config.Width, first, rows);
            var shift = bias is null ? null : _model.Part(bias, first, rows);
            if (_decoder.HasQueryKeyValueByHead && _model.IsFolder)
            {
                var width = _config.Width;
                matrix = matrix with { View = new TensorView((long)index * size * width, size, 3L * size * width, width, 1) };
                shift = shift is null ? null : shift with { View = new TensorView(index * size, size, 3 * size, 1, 1) };
            }

            return _graph.Linear(name, x, new LinearPart(name, matrix, shift));
        }

        return (Part("Query", 0, 0, queries), Part("Key", 1, queries, keys), Part("Value", 2, queries + keys, keys));
    }

    private int FeedForward(int x)
    {
        var (width, hidden) = (_config.Width, _config.Hidden);
        if (_decoder.Mixture is { } mixture && _decoder.Layers.HasMixture?[_graph.Layer] != false)
            return new MixtureGraph(_model, _graph, mixture, _names, width, _activation).Build(x);
        if (!_decoder.IsGated)
            return Linear("Down", _graph.Activate("Activated", Linear("Up", x, _names.Up, hidden, width), _activation), _names.Down, width, hidden);
        var fused = Path(_names.GateUp) + ".weight";
        var isFused = _model.HasTensor(fused) && (_names.GateUp != _names.Up || _model.RowsOf(fused) == 2L * hidden);
        var (gate, up) = isFused
            ? (Half("Gate", 0), Half("Up", hidden))
            : (Linear("Gate", x, _names.Gate, hidden, width), Linear("Up", x, _names.Up, hidden, width));
        return Linear("Down", _graph.Gate(_activation == Activation.Silu ? "SwiGlu" : "GatedUnit", gate, up, _activation), _names.Down, width, hidden);

        int Half(string name, int first)
        {
            var bias = _model.OptionalVector(Path(_names.GateUp) + ".bias", 2 * hidden);
            return _graph.Linear(name, x, new LinearPart(name, _model.RowsOf(fused, 2 * hidden, width, first, hidden), bias is null ? null : _model.Part(bias, first, hidden)));
        }
    }

    private int Linear(string name, int x, string tensor, int rows, int columns)
    {
        var path = Path(tensor);
        var matrix = _names.IsGpt2 ? _model.Transposed(path + ".weight", rows, columns, 0, rows) : _model.Matrix(path + ".weight", rows, columns);
        return _graph.Linear(name, x, new LinearPart(name, matrix, _model.OptionalVector(path + ".bias", rows)));
    }

    private Norm Norm(string path, int? length = null)
    {
        var width = length ?? _config.Width;
        var scale = _model.Vector(path + ".weight", width);
        if (_decoder.HasScalesLessOne && _model.IsFolder)
            scale = scale with { Offset = 1 };
        return new Norm(_decoder.Norm, scale, _decoder.Norm == NormKind.Layer ? _model.OptionalVector(path + ".bias", width) : null, _config.Epsilon);
    }

    private string Path(string tensor) => _names.InLayer(_graph.Layer, tensor);
}
