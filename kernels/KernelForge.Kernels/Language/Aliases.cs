// The instruction set that the templates have as they stand; the specialiser puts another in its place.
global using ByteVector = System.Runtime.Intrinsics.Vector128<byte>;
global using FloatVector = System.Runtime.Intrinsics.Vector128<float>;
global using IntVector = System.Runtime.Intrinsics.Vector128<int>;
global using Simd = KernelForge.Kernels.PortableSimd;
