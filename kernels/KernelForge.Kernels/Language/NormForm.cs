namespace KernelForge.Kernels;

/// <summary>Which moments a norm takes out of a row; the same names as the plan's.</summary>
public enum NormForm
{
    /// <summary>The root mean square.</summary>
    Rms,

    /// <summary>The mean, then the root mean square of what is left.</summary>
    Layer,
}
