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

    /// <summary>32 five-bit codes and an f16 scale.</summary>
    Q5_0 = 6,

    /// <summary>32 five-bit codes, an f16 scale and an f16 minimum.</summary>
    Q5_1 = 7,

    /// <summary>32 signed bytes and an f16 scale: code * scale.</summary>
    Q8_0 = 8,

    /// <summary>256 two-bit codes; scales and minima of four bits for each 16.</summary>
    Q2_K = 10,

    /// <summary>256 three-bit codes; scales of six bits for each 16.</summary>
    Q3_K = 11,

    /// <summary>256 four-bit codes; scales and minima of six bits for each 32.</summary>
    Q4_K = 12,

    /// <summary>256 five-bit codes; scales and minima of six bits for each 32.</summary>
    Q5_K = 13,

    /// <summary>256 six-bit codes; scales of eight bits for each 16.</summary>
    Q6_K = 14,

    /// <summary>256 values of a codebook of 256 points; scales of four bits for each 32.</summary>
    IQ2_XXS = 16,

    /// <summary>256 values of a codebook of 512 points; scales of four bits for each 16.</summary>
    IQ2_XS = 17,

    /// <summary>256 values of a codebook of 256 points; scales of four bits for each 32.</summary>
    IQ3_XXS = 18,

    /// <summary>256 values of a codebook of 2,048 ternary points; scales of three bits for each 32.</summary>
    IQ1_S = 19,

    /// <summary>32 codes of a table of 16 values and an f16 scale.</summary>
    IQ4_NL = 20,

    /// <summary>256 values of a codebook of 512 points; scales of four bits for each 32.</summary>
    IQ3_S = 21,

    /// <summary>256 values of a codebook of 1,024 points; scales of four bits for each 16.</summary>
    IQ2_S = 22,

    /// <summary>256 codes of a table of 16 values; scales of six bits for each 32.</summary>
    IQ4_XS = 23,

    /// <summary>256 values of a codebook of 2,048 ternary points; scales of three bits for each 16.</summary>
    IQ1_M = 29,

    /// <summary>bfloat16.</summary>
    BF16 = 30,

    /// <summary>256 ternary digits, five in a byte, and an f16 scale.</summary>
    TQ1_0 = 34,

    /// <summary>256 ternary digits of two bits and an f16 scale.</summary>
    TQ2_0 = 35,

    /// <summary>32 four-bit floats and an eight-bit exponent.</summary>
    MXFP4 = 39,

    /// <summary>64 four-bit floats; scales of eight bits for each 16.</summary>
    NVFP4 = 40,

    /// <summary>128 signs and an f16 scale.</summary>
    Q1_0 = 41,

    /// <summary>64 two-bit codes and an f16 scale.</summary>
    Q2_0 = 42,
}
