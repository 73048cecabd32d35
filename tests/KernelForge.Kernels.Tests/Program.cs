using System.Runtime.Intrinsics.X86;
using KernelForge.Kernels.Tests.Checks;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>
/// What a child process runs: <c>check FOLDER SWITCHED-OFF...</c>. It first makes sure that what should be off is off, then runs every check on
/// the kernels that are chosen here and on the portable ones.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not ["check", var folder, .. var off])
        {
            Console.Error.WriteLine("This assembly holds tests; run it with dotnet test.");
            return 1;
        }

        foreach (var feature in off)
        {
            if (IsOn(feature))
            {
                Console.Error.WriteLine($"{feature} should be switched off.");
                return 2;
            }
        }

        foreach (var kind in new[] { InstructionSets.Selected, SimdKind.Portable }.Distinct())
        {
            var kernels = KernelSet.Compile(kind, folder);
            foreach (var check in AllChecks.ByName.Values)
                check(kernels);
        }

        Console.WriteLine($"passed on {InstructionSets.Selected}");
        return 0;
    }

    private static bool IsOn(string feature) => feature switch
    {
        "AVX512" => Avx512F.IsSupported || Avx512BW.IsSupported,
        "AVXVNNI" => AvxVnni.IsSupported,
        "AVX2" => Avx2.IsSupported || Fma.IsSupported,
        _ => throw new ArgumentException($"unknown feature {feature}", nameof(feature)),
    };
}
