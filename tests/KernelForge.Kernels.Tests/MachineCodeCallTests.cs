using Iced.Intel;
using KernelForge.Generator.MachineCode;
using KernelForge.Plans;
using KernelForge.Runtime;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Kernels.Tests;

/// <summary>What machine code owes its caller: it stays within its arguments' memory, and gives registers back as it found them.</summary>
public sealed unsafe class MachineCodeCallTests
{
    private const int Units = 6;

    /// <summary>Callee-saved in the System V calling convention, besides the stack pointer.</summary>
    private static readonly AssemblerRegister64[] Saved = [rbx, rbp, r12, r13, r14, r15];

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var feature in Enum.GetNames<MachineFeature>())
        {
            foreach (var tokens in feature == nameof(MachineFeature.Vnni512Vector) ? new[] { 1 } : [1, 5, 8, 16, 37])
                data.Add(feature, tokens);
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void KeepsToItsMemoryAndRegisters(string feature, int tokens)
    {
        var which = Enum.Parse<MachineFeature>(feature);
        foreach (var layout in Enum.GetValues<PackedLayout>())
        {
            foreach (var activations in Rows.QuantizedFormats.Where(format => MachineKernel.Exists(which, layout, format)))
            {
                using var code = Runtime.MachineCode.Map(Checked(MachineKernel.Assemble(which, layout, activations).Bytes));
                Skip.If(code is null, "this processor or system has no AVX-512 VNNI that machine code may use");
                Skip.If(which == MachineFeature.Amx && !code.HasMatrixUnit, "this processor or system has no AMX-BF16");
                foreach (var (tiles, started) in new[] { (2, 0), (1, Units), (2, Units) })
                    Call(code.Address, which, layout, activations, tokens, tiles, started).ShouldBe(0, $"callee-saved registers that {layout} x {activations} changed");
            }
        }
    }

    /// <summary>Calls with every region ending at a page that is not there.</summary>
    private static nint Call(nint code, MachineFeature feature, PackedLayout layout, ActivationFormat activations, int tokens, int tiles, int started)
    {
        // The matrix unit takes whole sixteens of rows and results.
        var rows = feature == MachineFeature.Amx ? (tokens + 15) / 16 * 16 : tokens;
        var stride = PackedLayouts.RowBytes(Units * 32, activations);
        var tileBytes = Units * PackedLayouts.UnitBytes(layout);
        using var weights = new GuardedPages(tiles * tileBytes);
        using var activationRows = new GuardedPages(rows * stride);
        using var results = new GuardedPages(rows * TileKernel.ResultStride);
        using var scratch = new GuardedPages(KernelScratch.Bytes - (2 * MatMulInt.ChunkTokens * MatMulInt.SumStride * sizeof(float)));
        var scales = activationRows.Address + (Units * 32 * (activations == ActivationFormat.Int12 ? 2 : 1));
        var call = new MachineTile
        {
            Weights = weights.Address,
            TileBytes = tileBytes,
            Tiles = tiles,
            Units = Units,
            Codes = activationRows.Address + (feature == MachineFeature.Amx ? PackedLayouts.BFloat16Offset(Units) : 0),
            Scales = scales,
            Sums = scales + (Units * (layout == PackedLayout.Int4Minimum ? 8 : 4)),
            Stride = stride,
            Tokens = tokens,
            Results = (float*)results.Address,
            Started = started,
            End = weights.Address + (tiles * tileBytes),
            Next = weights.Address,
            Scratch = scratch.Address,
        };
        return ((delegate* unmanaged<MachineTile*, nint>)code)(&call);
    }

    /// <summary>A kernel behind code that gives the callee-saved registers numbers, calls it, and returns a bit for each that came back with another.</summary>
    private static byte[] Checked(byte[] kernel)
    {
        var code = new Assembler(64);
        var entry = code.CreateLabel("kernel");
        foreach (var register in Saved)
            code.push(register);
        code.push(rdi); // aligns the stack
        for (var i = 0; i < Saved.Length; i++)
            code.mov(Saved[i], Number(i));
        code.call(entry);
        code.xor(eax, eax);
        for (var i = 0; i < Saved.Length; i++)
        {
            var same = code.CreateLabel("same" + i);
            code.mov(rcx, Number(i));
            code.cmp(Saved[i], rcx);
            code.je(same);
            code.or(rax, 1 << i);
            code.Label(ref same);
            code.nop();
        }

        code.pop(rdi);
        foreach (var register in Enumerable.Reverse(Saved))
            code.pop(register);
        code.ret();
        code.Label(ref entry);
        code.db(kernel);
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), rip: 0);
        return stream.ToArray();
    }

    private static ulong Number(int register) => 0x0123456789ABCDEF * (ulong)(register + 3);
}
