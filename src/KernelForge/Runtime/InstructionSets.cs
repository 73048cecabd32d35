using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Runtime;

/// <summary>Which generated kernels run here.</summary>
public static class InstructionSets
{
    /// <summary>
    /// The widest kernels that this process may use. Written with <c>IsSupported</c> only, so that the JIT and the native compiler fold it
    /// to a constant where the target fixes it and drop the kernels of the other instruction sets.
    /// </summary>
    public static SimdKind Selected
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512F.VL.IsSupported)
                return SimdKind.Avx512;
            if (Avx2.IsSupported && Fma.IsSupported)
                return AvxVnni.IsSupported ? SimdKind.Avx2Vnni : SimdKind.Avx2;
            return Dp.Arm64.IsSupported ? SimdKind.AdvSimd : SimdKind.Portable;
        }
    }

    /// <summary>
    /// Refuses a native executable of x86-64 that was published without vector instructions: its kernels would run tens of times slower, silently.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The executable holds only portable code although it runs on x86-64.</exception>
    internal static void RequireVectorCode()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported && X86Base.IsSupported && Selected == SimdKind.Portable)
        {
            throw new PlatformNotSupportedException(
                "This executable was published for x86-64 without AVX2 code. Publish it with KernelForgeTarget=x64-v3 (the default), x64-v4 or native.");
        }
    }
}
