namespace KernelForge;

/// <summary>How a tensor's values are stored in the source file. The numbers are ggml's type ids.</summary>
public enum WeightType
{
    /// <summary>IEEE binary32.</summary>
    F32 = 0,

    /// <summary>IEEE binary16.</summary>
    F16 = 1,

    /// <summary>32 four-bit codes and an f16 scale: (code - 8) * scale.</summary>
    Q4_0 = 2,

    /// <summary>32 four-bit codes, an f16 scale and an f16 minimum: code * scale + minimum.</summary>
    Q4_1 = 3,

    /// <summary>32 signed bytes and an f16 scale: code * scale.</summary>
    Q8_0 = 8,

    /// <summary>bfloat16.</summary>
    BF16 = 30,
}
