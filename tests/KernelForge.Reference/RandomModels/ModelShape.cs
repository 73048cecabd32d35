using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>The dimensions and choices of a random model.</summary>
public sealed record ModelShape
{
    /// <summary>Token ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Length of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Values between gate/up and down.</summary>
    public required int Hidden { get; init; }

    /// <summary>Transformer layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Values of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Rotated values of a head.</summary>
    public required int RotaryDimension { get; init; }

    /// <summary>Longest sequence.</summary>
    public required int Context { get; init; }

    /// <summary>A token sees itself and the window - 1 before it; 0: all before it.</summary>
    public required int Window { get; init; }

    /// <summary>How rotary frequencies are scaled.</summary>
    public required RandomScaling Scaling { get; init; }

    /// <summary>The head's matrix is the embedding table.</summary>
    public required bool Tied { get; init; }

    /// <summary>Biases of query, key and value.</summary>
    public required bool AttentionBias { get; init; }

    /// <summary>Biases of the output projection and the feed-forward.</summary>
    public required bool OtherBiases { get; init; }

    /// <summary>Matrices take their types from here, where their columns permit.</summary>
    public required IReadOnlyList<WeightType> Types { get; init; }

    /// <summary>Experts of each layer, two of which a token has; 0: the feed-forward is one for all.</summary>
    public int Experts { get; init; }

    /// <summary>A shape drawn from a seed.</summary>
    internal static ModelShape Draw(Random random)
    {
        var types = Draw(random, [.. SourceTensor.Types]);
        var quantized = random.Next(4) != 0;
        var headSize = 8 * random.Next(1, 13);
        var keyValueHeads = random.Next(1, 4);
        return new ModelShape
        {
            Vocabulary = random.Next(40, 300),
            Width = quantized ? 32 * random.Next(1, 6) : random.Next(17, 150),
            Hidden = quantized ? 32 * random.Next(1, 8) : random.Next(17, 220),
            Layers = random.Next(1, 4),
            Heads = keyValueHeads * random.Next(1, 4),
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            RotaryDimension = random.Next(3) == 0 ? 2 * random.Next(2, (headSize / 2) + 1) : headSize,
            Context = random.Next(130, 300),
            Window = random.Next(3) == 0 ? random.Next(1, 100) : 0,
            Scaling = (RandomScaling)random.Next(Enum.GetValues<RandomScaling>().Length),
            Tied = random.Next(2) == 0,
            AttentionBias = random.Next(3) == 0,
            OtherBiases = random.Next(4) == 0,
            Types = types,
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Layers} layers of {Width} x {Hidden}, {Heads}/{KeyValueHeads} heads of {HeadSize} ({RotaryDimension} rotated, {Scaling}), window {Window}, "
        + $"vocabulary {Vocabulary}{(Tied ? ", tied" : "")}{(AttentionBias ? ", attention biases" : "")}{(OtherBiases ? ", other biases" : "")}{(Experts > 0 ? $", {Experts} experts" : "")}, "
        + string.Join("+", Types);

    private static WeightType[] Draw(Random random, WeightType[] all)
    {
        random.Shuffle(all);
        return all[..random.Next(1, all.Length + 1)];
    }
}

/// <summary>Rotary scalings that a GGUF file can ask for.</summary>
public enum RandomScaling
{
    /// <summary>None.</summary>
    Default,

    /// <summary>Every frequency divided.</summary>
    Linear,

    /// <summary>YaRN.</summary>
    Yarn,

    /// <summary>A tensor of divisors, <c>rope_freqs.weight</c>.</summary>
    PerPair,

    /// <summary>Two tensors of divisors: short ones, and long ones beyond the original context.</summary>
    LongRope,
}
