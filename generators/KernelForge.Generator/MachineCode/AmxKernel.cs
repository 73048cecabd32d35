using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// Groups of 16 rows times 16 tokens at a time with the matrix unit (AMX-INT8). A unit's products go through 1 KB of memory into vector registers, where
/// they meet their scales; the matrix unit works one ahead of the vectors.
/// </summary>
internal static class AmxKernel
{
    private const int TokenTile = 16;
    private const int TileBytes = 1024;

    // Locals on the stack: where the tile's codes, scales, results and weights begin, tokens and groups left, arguments.
    private const int Codes = 0;
    private const int Scales = 8;
    private const int Results = 16;
    private const int Weights = 24;
    private const int Left = 32;
    private const int GroupsLeft = 40;
    private const int Arguments = 48;
    private const int FrameBytes = 56;

    public static void Write(Assembler code, TileKernel kernel)
    {
        var configuration = code.CreateLabel("configuration");
        var next = code.CreateLabel("tile");
        TileKernel.Enter(code, FrameBytes);
        foreach (var (local, argument) in new[] { (Codes, TileKernel.CodesArgument), (Scales, TileKernel.ScalesArgument), (Results, TileKernel.ResultsArgument), (Left, TileKernel.TokensArgument) })
        {
            code.mov(rdx, __[rdi + argument]);
            code.mov(__[rsp + local], rdx);
        }

        code.mov(__[rsp + Arguments], rdi);
        code.mov(r15, __[rdi + TileKernel.ScratchArgument]);
        code.mov(r11, 64);
        code.ldtilecfg(__[configuration]);

        var group = code.CreateLabel("group");
        code.Label(ref next);
        code.mov(rdi, __[rsp + Arguments]);
        code.mov(rsi, __[rdi + TileKernel.WeightsArgument]);
        code.mov(__[rsp + Weights], rsi);
        code.mov(rcx, __[rdi + TileKernel.GroupsArgument]);
        code.mov(__[rsp + GroupsLeft], rcx);
        code.Label(ref group);
        Tile(code, kernel);
        code.add(__qword_ptr[rsp + Results], TileKernel.GroupResultBytes);
        code.dec(__qword_ptr[rsp + GroupsLeft]);
        code.jnz(group);

        code.mov(rdi, __[rsp + Arguments]);
        code.mov(rdx, __[rdi + TileKernel.GroupsArgument]);
        code.imul(rdx, rdx, TileKernel.GroupResultBytes);
        code.sub(__[rsp + Results], rdx);
        code.mov(rdx, rax);
        code.shl(rdx, 4);
        code.add(__[rsp + Codes], rdx);
        code.add(__[rsp + Scales], rdx);
        code.add(__qword_ptr[rsp + Results], TokenTile * TileKernel.ResultStride);
        code.sub(__qword_ptr[rsp + Left], TokenTile);
        code.jnz(next);

        code.tilerelease();
        TileKernel.Leave(code, FrameBytes);
        Configuration(code, kernel, configuration);
    }

    private static void Tile(Assembler code, TileKernel kernel)
    {
        var pair = code.CreateLabel("pair");
        var last = code.CreateLabel("last");
        var even = code.CreateLabel("even");
        var done = code.CreateLabel("done");
        code.mov(rdi, __[rsp + Arguments]);
        code.mov(rsi, __[rsp + Weights]);
        code.mov(rdx, __[rsp + Results]);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.mov(r10, __[rdi + TileKernel.SumsArgument]);
        code.sub(r10, __[rdi + TileKernel.ScalesArgument]);
        code.mov(r8, __[rsp + Codes]);
        code.mov(r9, __[rsp + Scales]);
        code.add(r10, r9);
        code.lea(r13, __[r9 + (rax * 8)]);
        code.lea(r14, __[r10 + (rax * 8)]);
        TileKernel.Start(code, Accumulators, rdx);
        code.lea(rdi, __[r15 + (2 * TileBytes)]);

        // The matrix unit may read one unit beyond the last, which is there: the row's next codes or scales, and scratch.
        Multiply(code, kernel, 0);
        code.Label(ref pair);
        code.cmp(rcx, 2);
        code.jl(last);
        Multiply(code, kernel, TileBytes);
        Accumulate(code, kernel, 0, -2 * kernel.UnitBytes);
        Multiply(code, kernel, 0);
        Accumulate(code, kernel, TileBytes, -2 * kernel.UnitBytes);
        code.sub(rcx, 2);
        code.jmp(pair);
        code.Label(ref last);
        code.test(rcx, rcx);
        code.jz(even);
        code.mov(__[rsp + Weights], rsi);
        Accumulate(code, kernel, 0, -kernel.UnitBytes);
        code.jmp(done);
        code.Label(ref even);
        code.sub(rsi, kernel.UnitBytes);
        code.mov(__[rsp + Weights], rsi);
        code.Label(ref done);
        for (var t = 0; t < TokenTile; t++)
            code.vmovups(__zmmword_ptr[rdx + (t * TileKernel.ResultStride)], Accumulators[t]);
    }

    /// <summary>One unit's products into the scratch; moves on to the next unit.</summary>
    private static void Multiply(Assembler code, TileKernel kernel, int scratch)
    {
        // A tile that tilezero made keeps later products waiting for one another; one that was read does not (measured on Sapphire Rapids).
        code.tileloadd(tmm0, __[rdi + 0]);
        code.tileloadd(tmm1, __[r8 + rax]);
        code.tileloadd(tmm2, __[rsi + r11]);
        code.tdpbsud(tmm0, tmm1, tmm2);
        code.tilestored(__[r15 + r11 + scratch], tmm0);
        code.add(r8, kernel.CodeBytes);
        code.add(rsi, kernel.UnitBytes);
    }

    private static void Accumulate(Assembler code, TileKernel kernel, int scratch, int unit)
    {
        kernel.LoadScales(code, unit);
        for (var t = 0; t < TokenTile; t++)
        {
            var (sum, product) = t % 2 == 0 ? (zmm16, zmm17) : (zmm18, zmm19);
            code.vmovdqu64(sum, __zmmword_ptr[r15 + (scratch + (64 * t))]);
            kernel.Accumulate(code, t % 8, Accumulators[t], sum, product, t < 8 ? r9 : r13, t < 8 ? r10 : r14);
        }

        foreach (var pointer in new[] { r9, r10, r13, r14 })
            code.add(pointer, 4);
    }

    /// <summary>Palette 1 of the tile configuration: bytes of a row at 16, rows at 48. tmm0 takes products, tmm1 codes, tmm2 weights.</summary>
    private static void Configuration(Assembler code, TileKernel kernel, Label configuration)
    {
        var bytes = new byte[64];
        bytes[0] = 1;
        (bytes[16], bytes[18], bytes[20]) = (64, (byte)kernel.CodeBytes, 64);
        (bytes[48], bytes[49], bytes[50]) = (TokenTile, TokenTile, (byte)(kernel.CodeBytes / 4));
        code.Label(ref configuration);
        code.db(bytes);
    }

    private static readonly AssemblerRegisterZMM[] Accumulators =
        [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15];
}
