using System.Runtime.InteropServices;
using KernelForge.Runtime;

namespace KernelForge.Runtime.Tests;

public sealed class MachineCodeTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_that_may_not_use_it_maps_none()
    {
        var mapped = 0;
        using var model = FakeModel.Load(_folder, new ModelOptions { UseMachineCode = false }, machineCode: () =>
        {
            mapped++;
            return null;
        });
        mapped.ShouldBe(0);
        model.Kernels.ShouldBe(InstructionSets.Selected.ToString());
    }

    [Fact]
    public void A_system_that_denies_executable_memory_says_so_when_the_model_is_loaded() =>
        Should.Throw<IOException>(() => FakeModel.Load(_folder, machineCode: () => throw new IOException("denied"))).Message.ShouldBe("denied");

    [SkippableFact]
    public void Code_runs_where_it_was_mapped_until_it_is_disposed()
    {
        // mov rax, [rdi + Results]; mov dword ptr [rax], 42; ret
        var results = (byte)Marshal.OffsetOf<MachineTile>(nameof(MachineTile.Results));
        using var code = MachineCode.Map([0x48, 0x8B, 0x47, results, 0xC7, 0x00, 0x2A, 0x00, 0x00, 0x00, 0xC3]);
        Skip.If(code is null, "this processor or system has no AVX-512 VNNI that machine code may use");
        var result = 0f;
        unsafe
        {
            var tile = new MachineTile { Results = &result };
            MachineCode.Run(code.Address, &tile);
        }

        BitConverter.SingleToInt32Bits(result).ShouldBe(42);
        code.Dispose();
        code.Address.ShouldBe(0);
    }
}
