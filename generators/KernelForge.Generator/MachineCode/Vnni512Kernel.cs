using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// Groups of 16 rows times any number of tokens with 512-bit <c>vpdpbusd</c>: tiles of 8 tokens whose sums and accumulators stay in registers, then one
/// smaller tile. A tile of tokens meets all groups before the next one does, so that its codes come from the first-level cache but once.
/// </summary>
internal static class Vnni512Kernel
{
    private const int TokenTile = 8;

    // Locals on the stack: results of the tile, groups left.
    private const int Results = 0;
    private const int Groups = 8;
    private const int FrameBytes = 16;

    public static void Write(Assembler code, TileKernel kernel)
    {
        var next = code.CreateLabel("tile");
        var end = code.CreateLabel("end");
        TileKernel.Enter(code, FrameBytes);
        code.mov(rdx, __[rdi + TileKernel.TokensArgument]);
        code.mov(r13, __[rdi + TileKernel.CodesArgument]);
        code.mov(r14, __[rdi + TileKernel.ScalesArgument]);
        code.mov(r15, __[rdi + TileKernel.ResultsArgument]);
        code.mov(__[rsp + Results], r15);
        code.mov(r11, __[rdi + TileKernel.SumsArgument]);
        code.sub(r11, r14);

        code.Label(ref next);
        var smaller = Enumerable.Range(0, TokenTile).Select(n => code.CreateLabel("tokens" + n)).ToArray();
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.cmp(rdx, tokens);
            code.je(smaller[tokens]);
        }

        AllGroups(code, kernel, TokenTile);
        code.lea(r13, __[r13 + (rax * TokenTile)]);
        code.lea(r14, __[r14 + (rax * TokenTile)]);
        code.add(__qword_ptr[rsp + Results], TokenTile * TileKernel.ResultStride);
        code.sub(rdx, TokenTile);
        code.jnz(next);
        code.jmp(end);
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.Label(ref smaller[tokens]);
            AllGroups(code, kernel, tokens);
            code.jmp(end);
        }

        code.Label(ref end);
        TileKernel.Leave(code, FrameBytes);
    }

    private static void AllGroups(Assembler code, TileKernel kernel, int tokens)
    {
        var group = code.CreateLabel("group");
        code.mov(r15, __[rsp + Results]);
        code.mov(rsi, __[rdi + TileKernel.WeightsArgument]);
        code.mov(r8, __[rdi + TileKernel.GroupsArgument]);
        code.mov(__[rsp + Groups], r8);
        code.Label(ref group);
        Tile(code, kernel, tokens);
        code.add(r15, TileKernel.GroupResultBytes);
        code.dec(__qword_ptr[rsp + Groups]);
        code.jnz(group);
    }

    private static void Tile(Assembler code, TileKernel kernel, int tokens)
    {
        TileKernel.Start(code, Accumulators.Take(tokens).ToArray(), r15);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.mov(r8, r13);
        code.mov(r9, r14);
        code.lea(r10, __[r14 + r11]);

        var unit = code.CreateLabel("unit" + tokens);
        code.Label(ref unit);
        Products(code, kernel, tokens);
        kernel.LoadScales(code, 0);
        for (var t = 0; t < tokens; t++)
            kernel.Accumulate(code, t, Accumulators[t], Sums[t], Products8[t], r9, r10);
        code.add(rsi, kernel.UnitBytes);
        code.add(r8, kernel.CodeBytes);
        code.add(r9, 4);
        code.add(r10, 4);
        code.dec(rcx);
        code.jnz(unit);
        for (var t = 0; t < tokens; t++)
            code.vmovups(__zmmword_ptr[r15 + (t * TileKernel.ResultStride)], Accumulators[t]);
    }

    /// <summary>The whole sums of a unit: high digits first, times 16, then the low ones.</summary>
    private static void Products(Assembler code, TileKernel kernel, int tokens)
    {
        for (var t = 0; t < tokens; t++)
            code.vpxord(Sums[t], Sums[t], Sums[t]);
        for (var digit = 0; digit < kernel.Digits; digit++)
        {
            for (var t = 0; t < tokens && digit == 1 && !kernel.HasTwoDigits; t++)
                code.vpslld(Sums[t], Sums[t], 4);
            for (var columns = 0; columns < TileKernel.ColumnGroups; columns++)
            {
                var weights = columns % 2 == 0 ? zmm24 : zmm25;
                code.vmovdqu64(weights, __zmmword_ptr[rsi + kernel.CodesOffset(digit, columns)]);
                for (var t = 0; t < tokens; t++)
                    code.vpdpbusd(Sums[t], weights, TileKernel.Token(t, r8, (32 * digit) + (4 * columns)));
            }
        }
    }

    private static readonly AssemblerRegisterZMM[] Accumulators = [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7];

    private static readonly AssemblerRegisterZMM[] Sums = [zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15];

    private static readonly AssemblerRegisterZMM[] Products8 = [zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23];
}
