using KernelForge.Generator.MachineCode;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Plans;

namespace KernelForge.Generator.Tests;

/// <summary>The machine code as it is written into generated classes. What it computes is tested with the kernels.</summary>
public sealed class MachineCodeTests
{
    [Theory]
    [InlineData("Vnni512Vector")]
    [InlineData("Vnni512")]
    [InlineData("Amx")]
    public void Kernels_are_what_was_reviewed(string feature)
    {
        var kernel = MachineKernel.Read(Enum.Parse<MachineFeature>(feature), PackedLayout.Int4Minimum, ActivationFormat.Int12);
        Snapshot.ShouldMatch(string.Join('\n', kernel.Lines.Select(line => line.Text)) + "\n", kernel.Name + ".asm");
    }
}
