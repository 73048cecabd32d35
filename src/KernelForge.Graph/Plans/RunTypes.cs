namespace KernelForge.Plans;

/// <summary>
/// The one table of how file types run. Kernels multiply six types as they are stored; the packer converts every other type to one of them, exactly
/// where the type can hold it and otherwise with an error far below the quantization's own, which it measures and reports (docs/quantization.md).
/// </summary>
public static class RunTypes
{
    /// <summary>The type that a type is run as: itself where kernels run it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no type.</exception>
    public static WeightType Of(WeightType type) => type switch
    {
        WeightType.F32 or WeightType.F16 or WeightType.BF16 or WeightType.Q4_0 or WeightType.Q4_1 or WeightType.Q8_0 => type,

        // Codes of at most four bits and an f16 scale for whole blocks of 32: exact.
        WeightType.TQ1_0 or WeightType.TQ2_0 or WeightType.Q1_0 or WeightType.Q2_0 => WeightType.Q4_0,

        // Codes of at most eight bits: exact but for the scale, where it is a product that f16 has to round.
        WeightType.Q5_0 or WeightType.Q3_K or WeightType.IQ4_NL or WeightType.MXFP4 => WeightType.Q8_0,
        WeightType.IQ2_XXS or WeightType.IQ3_XXS or WeightType.IQ4_XS => WeightType.Q8_0,

        // Sixteen evenly spaced values from a minimum on: scale and minimum are rounded to f16.
        WeightType.Q4_K or WeightType.IQ3_S or WeightType.IQ1_S => WeightType.Q4_1,

        // Scales for each 16 values, or more codes than sixteen above a minimum: no block of 32 holds these. Values are rounded to f16.
        WeightType.Q5_1 or WeightType.Q2_K or WeightType.Q5_K or WeightType.Q6_K => WeightType.F16,
        WeightType.IQ2_XS or WeightType.IQ2_S or WeightType.IQ1_M or WeightType.NVFP4 => WeightType.F16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No type of weights."),
    };
}
