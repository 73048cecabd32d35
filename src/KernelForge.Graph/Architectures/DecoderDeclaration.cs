using KernelForge.Graphs;
using KernelForge.Language;

namespace KernelForge.Architectures;

/// <summary>Says a <see cref="Decoder"/> and its checked hyper-parameters in the graph language.</summary>
internal sealed class DecoderDeclaration
{
    private readonly ModelReader _model;
    private readonly Decoder _decoder;
    private readonly DecoderConfig _config;
    private readonly Activation _activation;
    private readonly List<Rope> _ropes;

    private DecoderDeclaration(ModelReader model, Decoder decoder, DecoderConfig config, List<Rope> ropes)
    {
        (_model, _decoder, _config, _ropes) = (model, decoder, config, ropes);
        _activation = Activations.Read(model, decoder.Activation);
    }

    /// <summary>The declaration, or null where the reader has noted an error.</summary>
    public static DeclaredModel? Of(ModelReader model, Decoder decoder)
    {
        var names = decoder.Tensors(model);
        var config = DecoderConfig.Read(model, decoder, names);
        if (model.Failed)
            return null;
        var isAdjacent = decoder.Pairing == Pairing.Neighbours || (decoder.Pairing == Pairing.NeighboursInGguf && !model.IsFolder);
        var ropes = decoder.HasLearnedPositions ? [] : decoder.Rotaries.Select(keys => RopeOf(RotaryReader.Read(
            model, keys, 2 * (int)(config.HeadSize * decoder.RotaryShare / 2), config.HeadSize, config.Context), config.HeadSize, isAdjacent)).ToList();
        return model.Failed ? null : new DeclaredModel(names, new DecoderDeclaration(model, decoder, config, ropes).Build(names));
    }

    /// <summary>A rotary table as rotary positions of heads of a size.</summary>
    public static Rope RopeOf(RotaryTable table, int headSize, bool areNeighbours) =>
        new(table.Theta, table.Scaling, 2 * table.Pairs == headSize ? null : 2 * table.Pairs, areNeighbours);

    private GraphDeclaration Build(DecoderTensors names)
    {
        var parts = new List<Part>();
        if (_decoder.HasLearnedPositions)
            parts.Add(new PositionsPart());
        for (var layer = 0; layer < _config.Layers; layer++)
            parts.Add(new LayerPart(layer, Layer(layer, names).ToEquatableArray()));
        // A factor of the logits is one of what the head reads.
        parts.Add(Norm() with { Factor = (float)_decoder.LogitScale });
        var isThere = _model.HasTensor(names.Head + ".weight");
        var isTied = _model.IsFolder ? _model.Flag("config.tie_word_embeddings", !isThere) : !isThere;
        parts.Add(new HeadPart(isTied, Softcap: _decoder.LogitSoftcap > 0 ? (float)_decoder.LogitSoftcap : null));
        return new GraphDeclaration(_config.Vocabulary, _config.Width, _config.Context, parts.ToEquatableArray())
        {
            EmbeddingScale = (float)_decoder.EmbeddingScale, ExtraIds = _decoder.ExtraIds,
            States = _decoder.Cross is { } cross ? new GraphInput.Rows(cross.Input, cross.Most, cross.Width) : null,
        };
    }

    private IEnumerable<Part> Layer(int layer, DecoderTensors names)
    {
        var (mixed, fed, norm, factor) = (Mixed(layer), FeedForward(layer), Norm(), (float)_decoder.ResidualScale);
        static EquatableArray<Part> Parts(params Part[] parts) => parts.ToEquatableArray();
        return _decoder.Form switch
        {
            LayerForm.PostNorm => [new ResidualPart(Parts(mixed, norm), factor), new ResidualPart(Parts(fed, norm with { }), factor)],
            LayerForm.Sandwich => [new ResidualPart(Parts(norm, mixed, norm with { }), factor), new ResidualPart(Parts(norm with { }, fed, norm with { }), factor)],
            LayerForm.Parallel => [new ParallelOnPart(Parts(norm), Parts(mixed), Parts(fed), factor)],
            LayerForm.ParallelNorms => [new ParallelPart(Parts(norm, mixed), Parts(norm with { }, fed), factor)],
            _ => [new ResidualPart(Parts(norm, mixed), factor, Gate(layer, names.CrossGate)), new ResidualPart(Parts(norm with { }, fed), factor, Gate(layer, names.CrossFeedForwardGate))],
        };
    }

    private bool IsCross(int layer) => _decoder.Layers.HasCrossAttention?[layer] == true;

    private string? Gate(int layer, string tensor) => IsCross(layer) ? tensor : null;

    private NormPart Norm() => new(_decoder.Norm, _config.Epsilon, Offset: Offset);

    private float Offset => _decoder.HasScalesLessOne && _model.IsFolder ? 1 : 0;

    /// <summary>What a layer mixes tokens by.</summary>
    private Part Mixed(int layer)
    {
        if (_decoder.Layers.HasAttention?[layer] == false)
            return new ShortConvolutionPart(_decoder.Taps);
        if (IsCross(layer))
            return new CrossAttentionPart(_config.Heads, _config.KeyValueHeads, _config.HeadSize, new HeadNormSpec(_decoder.Norm, _config.Epsilon, Offset: Offset));
        // Whatever a folder calls epsilon, its norms of latents have this one.
        if (_decoder.Latent is { } latent)
        {
            return new LatentAttentionPart(_config.Heads, latent.Rank, latent.Plain, latent.Rotated, latent.Value, _ropes[0], _model.IsFolder ? 1e-6f : _config.Epsilon)
            {
                QueryRank = latent.QueryRank > 0 ? latent.QueryRank : null,
                Scale = latent.Amplitude == 1 ? null : (float)(latent.Amplitude / Math.Sqrt(latent.Plain + latent.Rotated)),
            };
        }

        var rotary = _decoder.HasLearnedPositions ? -1 : _decoder.Layers.Rotary?[layer] ?? 0;
        var scale = (float)(_decoder.AttentionScale ?? (1 / Math.Sqrt(_config.HeadSize)));
        return new AttentionPart(_config.Heads, _config.KeyValueHeads, _config.HeadSize, rotary < 0 ? null : _ropes[rotary])
        {
            Window = Seen(_decoder.Layers.Windows?[layer]),
            Chunk = Seen(_decoder.Layers.Chunks?[layer]),
            Scale = scale == (float)(1 / Math.Sqrt(_config.HeadSize)) ? null : scale,
            Softcap = _decoder.ScoreSoftcap > 0 ? (float)_decoder.ScoreSoftcap : null,
            HeadNorms = HeadNorms(rotary),
            HasSinks = _decoder.HasSinks,
            Temperature = rotary < 0 ? _decoder.Temperature : null,
            IsFusedByHead = _decoder.HasQueryKeyValueByHead && _model.IsFolder,
        };
    }

    private int? Seen(int? tokens) => tokens is { } limit && limit > 0 && limit < _config.Context ? limit : null;

    private HeadNormSpec? HeadNorms(int rotary) => _decoder.HeadNorms switch
    {
        HeadNormForm.None => null,
        HeadNormForm.UnscaledAfterRotary => rotary < 0 ? null : new HeadNormSpec(NormKind.Rms, _config.Epsilon, IsScaled: false, IsAfterRope: true),
        HeadNormForm.PerHead => new HeadNormSpec(_decoder.Norm, _config.Epsilon, HeadNormScope.PerHead),
        HeadNormForm.Whole => new HeadNormSpec(_decoder.Norm, _config.Epsilon, HeadNormScope.Whole, Offset: Offset),
        var form => new HeadNormSpec(_decoder.Norm, _config.Epsilon, IsAfterRope: form == HeadNormForm.SharedAfterRotary, Offset: Offset),
    };

    private Part FeedForward(int layer) => _decoder.Mixture is { } mixture && _decoder.Layers.HasMixture?[layer] != false
        ? new MixturePart(mixture.Count, mixture.Hidden, mixture.Routing)
        {
            Activation = _activation, SharedHidden = mixture.SharedHidden, Clamp = mixture.Clamp, Storage = mixture.Form,
        }
        : new FeedForwardPart(_config.Hidden, _activation, _decoder.IsGated);
}

/// <summary>A model said in the graph language.</summary>
/// <param name="Tensors">What its weights call their tensors.</param>
/// <param name="Declaration">What it computes.</param>
internal sealed record DeclaredModel(DecoderTensors Tensors, GraphDeclaration Declaration);
