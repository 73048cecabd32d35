using KernelForge.Kernels.Tests.Checks;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>Each template as it stands, under each instruction set of this machine, equals the scalar contract bit for bit.</summary>
public sealed class TemplateTests(CompiledKernels compiled) : IClassFixture<CompiledKernels>
{
    public static TheoryData<SimdKind, string> Cases()
    {
        var data = new TheoryData<SimdKind, string>();
        foreach (var kind in Enum.GetValues<SimdKind>())
        {
            foreach (var check in AllChecks.ByName.Keys)
                data.Add(kind, check);
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EqualsTheContract(SimdKind kind, string check)
    {
        Skip.IfNot(KernelSet.IsSupported(kind), $"this processor has no {kind}");
        AllChecks.ByName[check](compiled.Of(kind));
    }
}
