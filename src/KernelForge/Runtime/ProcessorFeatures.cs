using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Runtime;

/// <summary>
/// What the processor and the system let machine code use, asked at run time: the <c>IsSupported</c> of intrinsics knows neither 512-bit VNNI nor
/// AMX, and a native executable folds it to what it was published for.
/// </summary>
internal static partial class ProcessorFeatures
{
    private static readonly string[] Vnni512 = ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni"];
    private static readonly string[] Amx = ["amx_tile", "amx_bf16", "avx512_bf16"];
    private static readonly HashSet<string> Flags = ReadFlags();

    /// <summary>AVX-512 F, DQ, BW, VL and VNNI, whose registers the system saves.</summary>
    public static bool HasVnni512 { get; } = Vnni512.All(Flags.Contains);

    /// <summary>AMX-TILE, AMX-BF16 and AVX-512 BF16, which the system lets this process use. Asks the system for it, once.</summary>
    public static bool HasMatrixUnit { get; } = HasVnni512 && Amx.All(Flags.Contains) && RequestTileData();

    /// <summary>Linux lists what the processor has and the system has switched on; the first processor's entry is at the start of the file.</summary>
    private static HashSet<string> ReadFlags()
    {
        const string list = "/proc/cpuinfo";
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported || !File.Exists(list))
            return [];
        using var lines = new StreamReader(list);
        while (lines.ReadLine() is { } line)
        {
            if (line.StartsWith("flags", StringComparison.Ordinal))
                return [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        }

        return [];
    }

    /// <summary>Linux gives tile registers to processes that ask, since they make every signal frame 8 KB larger.</summary>
    private static bool RequestTileData()
    {
        const int ProcessorControl = 158; // arch_prctl
        const int RequestPermission = 0x1023;
        const int TileData = 18;
        return SystemCall(ProcessorControl, RequestPermission, TileData) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
