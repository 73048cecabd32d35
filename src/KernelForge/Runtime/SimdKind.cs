namespace KernelForge.Runtime;

/// <summary>The instruction sets that kernels are generated for.</summary>
public enum SimdKind
{
    /// <summary>Plain vectors of 128 bits, whatever the processor makes of them.</summary>
    Portable,

    /// <summary>x86-64 with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>AVX2 with AVX-VNNI (vpdpbusd on 256 bits).</summary>
    Avx2Vnni,

    /// <summary>AVX-512 F, BW, DQ and VL.</summary>
    Avx512,

    /// <summary>Arm64 Advanced SIMD with the dot-product extension.</summary>
    AdvSimd,
}
