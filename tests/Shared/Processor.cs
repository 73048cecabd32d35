using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelForge.Tests;

/// <summary>The instruction sets of this processor, by the names of <c>SimdKind</c>, and how .NET is told to leave better ones unused.</summary>
internal static class Processor
{
    /// <summary>Whether it runs the code of an instruction set.</summary>
    public static bool Has(string set) => set switch
    {
        "Avx512" => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported,
        "Avx2Vnni" => AvxVnni.IsSupported,
        "Avx2" => Avx2.IsSupported && Fma.IsSupported,
        "AdvSimd" => Dp.Arm64.IsSupported,
        _ => true,
    };

    /// <summary>Skips by name what it cannot run.</summary>
    public static void Require(string set) => Skip.IfNot(Has(set), $"This processor has no {set}.");

    /// <summary>Variables for a child process, in which an instruction set is the best that is left. Their names change between releases of .NET, which ignores one that it does not know.</summary>
    public static IReadOnlyDictionary<string, string> Only(string set) => SwitchedOff(set).ToDictionary(name => name, _ => "0", StringComparer.Ordinal);

    private static string[] SwitchedOff(string set) => set switch
    {
        "Avx2Vnni" => ["DOTNET_EnableAVX512"],
        "Avx2" => ["DOTNET_EnableAVX512", "DOTNET_EnableAVXVNNI"],
        "Portable" => ["DOTNET_EnableAVX2", "DOTNET_EnableArm64Dp"],
        _ => [],
    };
}
