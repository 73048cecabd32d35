namespace KernelForge.Generator.Specialization;

/// <summary>Instruction sets that kernels are specialised for. The template class of each is named after it: <c>Avx512Simd</c> and so on.</summary>
public enum SimdKind
{
    /// <summary>AVX-512 F, BW, DQ, VL: 16 floats.</summary>
    Avx512,

    /// <summary>AVX2, FMA and AVX-VNNI: 8 floats.</summary>
    Avx2Vnni,

    /// <summary>AVX2 and FMA: 8 floats.</summary>
    Avx2,

    /// <summary>Arm AdvSimd with dot products: 4 floats.</summary>
    AdvSimd,

    /// <summary>What .NET has everywhere: 4 floats.</summary>
    Portable,
}
