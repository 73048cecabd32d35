namespace KernelForge.Modeling;

/// <summary>Norms of queries and keys before they meet.</summary>
public sealed class HeadNorms
{
    private HeadNorms()
    {
    }

    /// <summary>Root mean square norms.</summary>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="scope">Over which values, with which scales.</param>
    /// <param name="scaled">Whether the weights have scales for them.</param>
    /// <param name="afterRope">They follow the rotation; otherwise they precede it.</param>
    /// <param name="offset">Added to the stored scales (1 for Gemma's folders).</param>
    public static HeadNorms Rms(double epsilon = 1e-6, HeadNormScope scope = HeadNormScope.Shared, bool scaled = true, bool afterRope = false, double offset = 0) => throw Declared.Error;

    /// <summary>Layer norms.</summary>
    /// <inheritdoc cref="Rms"/>
    public static HeadNorms Layer(double epsilon = 1e-5, HeadNormScope scope = HeadNormScope.Shared, bool scaled = true, bool afterRope = false, double offset = 0) => throw Declared.Error;
}

/// <summary>Over which values norms of queries and keys are.</summary>
public enum HeadNormScope
{
    /// <summary>Each head for itself, all with the same scales.</summary>
    Shared,

    /// <summary>Each head for itself, with scales of its own.</summary>
    PerHead,

    /// <summary>All heads together.</summary>
    Whole,
}

/// <summary>Queries of later positions grow (Nakanishi, 2025): by 1 + scale * log(1 + floor((position + 1) / floor)).</summary>
/// <param name="scale">Of the logarithm.</param>
/// <param name="floor">Tokens of a step.</param>
public sealed class QueryTemperature(double scale, double floor)
{
    /// <summary>Of the logarithm.</summary>
    public double Scale { get; } = scale;

    /// <summary>Tokens of a step.</summary>
    public double Floor { get; } = floor;
}

/// <summary>Element-wise functions.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,

    /// <summary>x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel, 2016).</summary>
    Gelu,

    /// <summary>The same with tanh in place of erf.</summary>
    GeluTanh,

    /// <summary>x * sigmoid(1.702 x).</summary>
    QuickGelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0)^2 (So et al., 2021).</summary>
    SquaredRelu,

    /// <summary>tanh(x).</summary>
    Tanh,
}
