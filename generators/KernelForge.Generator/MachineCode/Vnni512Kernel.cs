using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// 16 rows times any number of tokens with 512-bit <c>vpdpbusd</c>: tiles of 8 tokens whose sums and accumulators stay in registers, then one smaller tile.
/// </summary>
internal static class Vnni512Kernel
{
    private const int TokenTile = 8;

    public static void Write(Assembler code, TileKernel kernel)
    {
        var next = code.CreateLabel("tile");
        var end = code.CreateLabel("end");
        TileKernel.Enter(code);
        code.mov(rdx, __[rdi + TileKernel.TokensArgument]);
        code.mov(r13, __[rdi + TileKernel.CodesArgument]);
        code.mov(r14, __[rdi + TileKernel.ScalesArgument]);
        code.mov(r15, __[rdi + TileKernel.ResultsArgument]);
        code.mov(r11, __[rdi + TileKernel.SumsArgument]);
        code.sub(r11, r14);

        code.Label(ref next);
        var smaller = Enumerable.Range(0, TokenTile).Select(n => code.CreateLabel("tokens" + n)).ToArray();
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.cmp(rdx, tokens);
            code.je(smaller[tokens]);
        }

        Tile(code, kernel, TokenTile);
        code.lea(r13, __[r13 + (rax * TokenTile)]);
        code.lea(r14, __[r14 + (rax * TokenTile)]);
        code.add(r15, TokenTile * TileKernel.ResultStride);
        code.sub(rdx, TokenTile);
        code.jnz(next);
        code.jmp(end);
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.Label(ref smaller[tokens]);
            Tile(code, kernel, tokens);
            code.jmp(end);
        }

        code.Label(ref end);
        TileKernel.Leave(code);
    }

    private static void Tile(Assembler code, TileKernel kernel, int tokens)
    {
        code.mov(rsi, __[rdi + TileKernel.WeightsArgument]);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.mov(r8, r13);
        code.mov(r9, r14);
        code.lea(r10, __[r14 + r11]);
        for (var t = 0; t < tokens; t++)
            code.vpxord(Accumulator(t), Accumulator(t), Accumulator(t));

        var unit = code.CreateLabel("unit" + tokens);
        code.Label(ref unit);
        Products(code, kernel, tokens);
        kernel.LoadScales(code, 0);
        for (var t = 0; t < tokens; t++)
            kernel.Accumulate(code, t, Accumulator(t), Sum(t), Product(t), r9, r10);
        code.add(rsi, kernel.UnitBytes);
        code.add(r8, kernel.CodeBytes);
        code.add(r9, 4);
        code.add(r10, 4);
        code.dec(rcx);
        code.jnz(unit);

        var store = code.CreateLabel("store" + tokens);
        code.cmp(__qword_ptr[rdi + TileKernel.AddsArgument], 0);
        code.je(store);
        for (var t = 0; t < tokens; t++)
            code.vaddps(Accumulator(t), Accumulator(t), __zmmword_ptr[r15 + (t * TileKernel.ResultStride)]);
        code.Label(ref store);
        for (var t = 0; t < tokens; t++)
            code.vmovups(__zmmword_ptr[r15 + (t * TileKernel.ResultStride)], Accumulator(t));
    }

    /// <summary>The whole sums of a unit: high digits first, times 16, then the low ones.</summary>
    private static void Products(Assembler code, TileKernel kernel, int tokens)
    {
        for (var t = 0; t < tokens; t++)
            code.vpxord(Sum(t), Sum(t), Sum(t));
        for (var digit = 0; digit < kernel.Digits; digit++)
        {
            for (var t = 0; t < tokens && digit == 1 && !kernel.HasTwoDigits; t++)
                code.vpslld(Sum(t), Sum(t), 4);
            for (var group = 0; group < TileKernel.Groups; group++)
            {
                var weights = group % 2 == 0 ? zmm24 : zmm25;
                code.vmovdqu64(weights, __zmmword_ptr[rsi + kernel.CodesOffset(digit, group)]);
                for (var t = 0; t < tokens; t++)
                    code.vpdpbusd(Sum(t), weights, TileKernel.Token(t, r8, (32 * digit) + (4 * group)));
            }
        }
    }

    private static AssemblerRegisterZMM Accumulator(int token) => ZmmRegisters[token];

    private static AssemblerRegisterZMM Sum(int token) => ZmmRegisters[TokenTile + token];

    private static AssemblerRegisterZMM Product(int token) => ZmmRegisters[(2 * TokenTile) + token];

    private static readonly AssemblerRegisterZMM[] ZmmRegisters =
        [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15, zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23];
}
