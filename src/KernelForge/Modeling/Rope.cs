namespace KernelForge.Modeling;

/// <summary>Rotary positions (Su et al., 2021): pairs of a head's values are rotated by position * frequency. Layers that share them share a table.</summary>
public sealed class Rope
{
    private Rope()
    {
    }

    /// <summary>Frequencies as they were trained.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope Default(double theta, int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>Position interpolation (Chen et al., 2023): every frequency divided by the factor.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="factor">Divides the frequencies.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope Linear(double theta, double factor, int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>Dynamic NTK: beyond the original context the base grows with the length.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="factor">Growth.</param>
    /// <param name="originalContext">Tokens trained on.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope Dynamic(double theta, double factor, int originalContext, int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>YaRN (Peng et al., 2023).</summary>
    /// <param name="theta">The base.</param>
    /// <param name="factor">Extension of the context.</param>
    /// <param name="originalContext">Tokens trained on.</param>
    /// <param name="attentionFactor">Amplitude of cosine and sine; the paper's is 1 + 0.1 ln(factor).</param>
    /// <param name="betaFast">Rotations above which a pair is not interpolated.</param>
    /// <param name="betaSlow">Rotations below which a pair is fully interpolated.</param>
    /// <param name="truncate">Whether the ramp's bounds are rounded to whole pairs.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope Yarn(
        double theta, double factor, int originalContext, double attentionFactor, double betaFast = 32, double betaSlow = 1, bool truncate = true,
        int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>Llama 3.1's: low frequencies divided, high ones kept, a smooth blend between.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="factor">Divides low frequencies.</param>
    /// <param name="originalContext">Tokens trained on.</param>
    /// <param name="lowFrequencyFactor">Rotations in the original context below which a frequency is low.</param>
    /// <param name="highFrequencyFactor">Rotations above which it is high.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope Llama3(
        double theta, double factor, int originalContext, double lowFrequencyFactor = 1, double highFrequencyFactor = 4,
        int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>A divisor for each pair, one list up to the original context and one beyond (longrope).</summary>
    /// <param name="theta">The base.</param>
    /// <param name="shortFactors">A divisor for each pair.</param>
    /// <param name="longFactors">The same, from the original context on.</param>
    /// <param name="originalContext">Positions from here on use the long factors.</param>
    /// <param name="attentionFactor">Amplitude of cosine and sine.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope PerPair(
        double theta, double[] shortFactors, double[] longFactors, int originalContext, double attentionFactor = 1,
        int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;

    /// <summary>The same with the divisors in tensors of the weights (GGUF's <c>rope_freqs.weight</c>).</summary>
    /// <param name="theta">The base.</param>
    /// <param name="shortTensor">Tensor with a divisor for each pair.</param>
    /// <param name="originalContext">Positions from here on use the long factors.</param>
    /// <param name="longTensor">Those from the original context on; left out: the same.</param>
    /// <param name="attentionFactor">Amplitude of cosine and sine.</param>
    /// <param name="rotated">Values of a head that are rotated, an even number; left out: all.</param>
    /// <param name="pairs">Which values make a pair.</param>
    public static Rope FromTensors(
        double theta, string shortTensor, int originalContext, string? longTensor = null, double attentionFactor = 1,
        int? rotated = null, RopePairs pairs = RopePairs.Halves) => throw Declared.Error;
}

/// <summary>Which values of a head make a pair.</summary>
public enum RopePairs
{
    /// <summary>i and i + rotated / 2, as in Hugging Face folders.</summary>
    Halves,

    /// <summary>2i and 2i + 1, as GGUF's converter leaves most models.</summary>
    Neighbours,
}
