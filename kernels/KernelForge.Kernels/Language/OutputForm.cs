namespace KernelForge.Kernels;

/// <summary>What becomes of a product's results (+ bias) on their way into a float32 output.</summary>
public enum OutputForm
{
    /// <summary>They are the output.</summary>
    Store,

    /// <summary>They are added to it.</summary>
    Add,

    /// <summary>An activation of them is the output.</summary>
    Activate,
}
