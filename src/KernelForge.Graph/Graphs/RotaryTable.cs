namespace KernelForge.Graphs;

/// <summary>Angles of a rotary position embedding: position * frequency for each pair, times a scaling of the amplitude.</summary>
/// <param name="Pairs">Rotated pairs of a head: rotary dimension / 2.</param>
/// <param name="Theta">The base.</param>
/// <param name="Scaling">How the frequencies change for contexts longer than those trained on.</param>
public sealed record RotaryTable(int Pairs, double Theta, RotaryScaling Scaling);

/// <summary>A published scaling of rotary frequencies.</summary>
public abstract record RotaryScaling
{
    /// <summary>None.</summary>
    public sealed record Default : RotaryScaling;

    /// <summary>Position interpolation (Chen et al., 2023): every frequency divided by the factor.</summary>
    public sealed record Linear(double Factor) : RotaryScaling;

    /// <summary>Dynamic NTK: beyond the original context the base grows with the length; row p of the table uses length p + 1.</summary>
    public sealed record Dynamic(double Factor, int OriginalContext) : RotaryScaling;

    /// <summary>YaRN (Peng et al., 2023).</summary>
    /// <param name="Factor">Context extension.</param>
    /// <param name="OriginalContext">Tokens trained on.</param>
    /// <param name="AttentionFactor">Amplitude of cosine and sine, already computed.</param>
    /// <param name="BetaFast">Rotations above which a pair is not interpolated.</param>
    /// <param name="BetaSlow">Rotations below which a pair is fully interpolated.</param>
    /// <param name="Truncate">Whether the ramp's bounds are rounded to whole pairs.</param>
    public sealed record Yarn(double Factor, int OriginalContext, double AttentionFactor, double BetaFast, double BetaSlow, bool Truncate) : RotaryScaling;

    /// <summary>Llama 3.1's: low frequencies divided, high ones kept, a smooth blend between.</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext) : RotaryScaling;

    /// <summary>Explicit divisors per pair: GGUF's <c>rope_freqs.weight</c> or longrope's two lists (short up to the original context, long beyond it).</summary>
    /// <param name="ShortFactors">One divisor per pair, or the tensor that holds them (then empty).</param>
    /// <param name="LongFactors">The same, beyond the original context.</param>
    /// <param name="ShortTensor">Tensor of the short factors, or null.</param>
    /// <param name="LongTensor">Tensor of the long factors, or null.</param>
    /// <param name="OriginalContext">Positions from here on use the long factors.</param>
    /// <param name="AttentionFactor">Amplitude of cosine and sine.</param>
    public sealed record PerPair(
        EquatableArray<double> ShortFactors, EquatableArray<double> LongFactors, string? ShortTensor, string? LongTensor,
        int OriginalContext, double AttentionFactor) : RotaryScaling;
}
