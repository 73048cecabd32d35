using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Runtime;

/// <summary>
/// What the processor and the system allow machine code to use, asked at run time: the <c>IsSupported</c> of intrinsics knows neither 512-bit VNNI nor
/// AMX, and a native executable folds it to what it was published for.
/// </summary>
internal static unsafe partial class ProcessorFeatures
{
    private const int FoundationDoubleword = (1 << 16) | (1 << 17); // AVX-512 F, DQ: leaf 7, EBX
    private const int BytesAndLengths = (1 << 30) | (1 << 31); // AVX-512 BW, VL
    private const int Vnni = 1 << 11; // leaf 7, ECX
    private const int TileAndInt8 = (1 << 24) | (1 << 25); // AMX-TILE, AMX-INT8: leaf 7, EDX
    private const long VectorState = 0xE6; // XCR0: SSE, AVX, masks, upper halves, upper registers
    private const long TileState = 3 << 17; // XCR0: tile configuration, tile data

    /// <summary>AVX-512 F, DQ, BW, VL and VNNI, whose registers the system saves.</summary>
    public static bool HasVnni512 { get; } = FindVnni512();

    /// <summary>AMX-TILE and AMX-INT8, which the system lets this process use. Asks the system for it, once.</summary>
    public static bool HasMatrixUnit { get; } = HasVnni512 && FindMatrixUnit();

    private static bool FindVnni512()
    {
        if (!X86Base.X64.IsSupported || (X86Base.CpuId(1, 0).Ecx & (1 << 27)) == 0 || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        var (_, ebx, ecx, _) = X86Base.CpuId(7, 0);
        const int Wide = FoundationDoubleword | BytesAndLengths;
        return (ebx & Wide) == Wide && (ecx & Vnni) != 0 && (EnabledState() & VectorState) == VectorState;
    }

    private static bool FindMatrixUnit()
    {
        // Linux gives tile registers to processes that ask, since they make every signal frame 8 KB larger.
        const int System = 158; // arch_prctl
        const int RequestPermission = 0x1023;
        const int TileData = 18;
        return (X86Base.CpuId(7, 0).Edx & TileAndInt8) == TileAndInt8
            && (EnabledState() & TileState) == TileState
            && SystemCall(System, RequestPermission, TileData) == 0;
    }

    /// <summary>XCR0, the register states that the system saves; .NET has no intrinsic for <c>xgetbv</c>.</summary>
    private static long EnabledState()
    {
        // xor ecx, ecx; xgetbv; shl rdx, 32; or rax, rdx; ret
        var code = ExecutableMemory.Map([0x31, 0xC9, 0x0F, 0x01, 0xD0, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3]);
        var state = ((delegate* unmanaged<long>)code)();
        ExecutableMemory.Unmap(code, 13);
        return state;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
