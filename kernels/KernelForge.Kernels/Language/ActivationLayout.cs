namespace KernelForge.Kernels;

/// <summary>How rows of activations are stored (docs/numerics.md). A constant of templates; names and numbers are those of the plan's formats.</summary>
public enum ActivationLayout
{
    /// <summary>binary32.</summary>
    Float = 0,

    /// <summary>INT8 per 32 values.</summary>
    Int8 = 1,

    /// <summary>INT12 per 32 values, high and low digits apart.</summary>
    Int12 = 2,
}
