using Iced.Intel;
using KernelForge.Plans;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// Packed tiles times any number of tokens with 512-bit <c>vpdpbusd</c>: tiles of 8 tokens whose sums and accumulators stay in registers, then one
/// smaller tile. A tile of tokens meets all rows before the next one does, so that its codes come from the first-level cache but once.
/// </summary>
internal sealed class Vnni512Kernel(PackedLayout layout, ActivationFormat activations)
{
    private const int TokenTile = 8;

    // Locals on the stack: results of the tile, groups of rows left, tokens left, where what is fetched ahead begins, and what is next of it.
    private const int Results = 0;
    private const int GroupsLeft = 8;
    private const int TokensLeft = 16;
    private const int FirstAhead = 24;
    private const int Ahead = 32;
    private const int FrameBytes = 40;

    private readonly Unpacking unpacking = new(layout, TileKernel.ColumnGroups * TileKernel.Vector);
    private readonly int digits = activations == ActivationFormat.Int12 ? 2 : 1;

    /// <summary>Binary logarithm of what is subtracted from each code; 0: nothing.</summary>
    private byte OffsetShift => layout switch { PackedLayout.Int4 => 3, PackedLayout.Int8 => 7, _ => 0 };

    public void Write(Assembler code)
    {
        var next = code.CreateLabel("tile");
        var end = code.CreateLabel("end");
        TileKernel.Enter(code, FrameBytes);
        Unpack(code);
        code.mov(rdx, __[rdi + TileKernel.NextArgument]);
        code.mov(__[rsp + FirstAhead], rdx);
        code.mov(rdx, __[rdi + TileKernel.TokensArgument]);
        code.mov(__[rsp + TokensLeft], rdx);
        code.mov(r13, __[rdi + TileKernel.CodesArgument]);
        code.mov(r14, __[rdi + TileKernel.ScalesArgument]);
        code.mov(r15, __[rdi + TileKernel.ResultsArgument]);
        code.mov(__[rsp + Results], r15);
        code.mov(r11, __[rdi + TileKernel.SumsArgument]);
        code.sub(r11, r14);

        code.Label(ref next);
        code.mov(rdx, __[rsp + TokensLeft]);
        var smaller = Enumerable.Range(0, TokenTile).Select(n => code.CreateLabel("tokens" + n)).ToArray();
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.cmp(rdx, tokens);
            code.je(smaller[tokens]);
        }

        AllGroups(code, TokenTile);
        code.lea(r13, __[r13 + (rax * TokenTile)]);
        code.lea(r14, __[r14 + (rax * TokenTile)]);
        code.add(__qword_ptr[rsp + Results], TokenTile * TileKernel.ResultStride);
        code.mov(rdx, __[rdi + TileKernel.ScratchArgument]);
        code.mov(__[rsp + FirstAhead], rdx); // near already
        code.sub(__qword_ptr[rsp + TokensLeft], TokenTile);
        code.jnz(next);
        code.jmp(end);
        for (var tokens = 1; tokens < TokenTile; tokens++)
        {
            code.Label(ref smaller[tokens]);
            AllGroups(code, tokens);
            code.jmp(end);
        }

        code.Label(ref end);
        TileKernel.Leave(code, FrameBytes);
    }

    /// <summary>A code becomes a byte.</summary>
    private void Unpack(Assembler code)
    {
        code.mov(ecx, 0x0F0F0F0F);
        code.vpbroadcastd(NibbleMask, ecx);
        unpacking.Write(code, columns =>
        {
            for (var group = 0; group < TileKernel.Groups; group++)
            {
                if (unpacking.IsInt8 || group == 0)
                    code.vmovdqu64(zmm0, unpacking.Packed(columns, group));
                else
                    code.vpsrlw(zmm0, zmm0, 4);
                if (!unpacking.IsInt8)
                    code.vpandd(zmm1, zmm0, NibbleMask);
                code.vmovdqu64(__zmmword_ptr[Unpacking.To(group) + (TileKernel.Vector * columns)], unpacking.IsInt8 ? zmm0 : zmm1);
            }
        });
    }

    private void AllGroups(Assembler code, int tokens)
    {
        var group = code.CreateLabel("group");
        code.mov(r15, __[rsp + Results]);
        code.mov(rsi, __[rdi + TileKernel.ScratchArgument]);
        code.mov(r8, __[rdi + TileKernel.TilesArgument]);
        code.add(r8, r8);
        code.mov(__[rsp + GroupsLeft], r8);
        code.mov(rdx, __[rsp + FirstAhead]);
        code.mov(__[rsp + Ahead], rdx);
        code.Label(ref group);
        Tile(code, tokens);
        code.add(r15, TileKernel.Vector);
        code.dec(__qword_ptr[rsp + GroupsLeft]);
        code.jnz(group);
    }

    private void Tile(Assembler code, int tokens)
    {
        TileKernel.Start(code, Accumulators.Take(tokens).ToArray(), r15);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.mov(r8, r13);
        code.mov(r9, r14);
        code.lea(r10, __[r14 + r11]);
        code.mov(rdx, __[rsp + Ahead]);

        var unit = code.CreateLabel("unit" + tokens);
        code.Label(ref unit);
        TileKernel.FetchAhead(code, rdx, unpacking.PackedBytes / TileKernel.Groups);
        Multiply(code, tokens);
        unpacking.LoadScales(code, rsi);
        for (var t = 0; t < tokens; t++)
            Accumulate(code, t);
        code.add(rsi, unpacking.UnitBytes);
        code.add(r8, 32 * digits);
        code.add(r9, 4);
        code.add(r10, 4);
        code.dec(rcx);
        code.jnz(unit);
        for (var t = 0; t < tokens; t++)
            code.vmovups(__zmmword_ptr[r15 + (t * TileKernel.ResultStride)], Accumulators[t]);
        NextAhead(code);
    }

    /// <summary>The rest of the tile's units for its other rows, then the second tile's.</summary>
    private void NextAhead(Assembler code)
    {
        var same = code.CreateLabel("sameTile");
        code.cmp(__qword_ptr[rsp + GroupsLeft], 1 + TileKernel.Groups);
        code.jne(same);
        code.mov(rdx, __[rdi + TileKernel.TileBytesArgument]);
        code.add(rdx, __[rsp + FirstAhead]);
        code.Label(ref same);
        code.mov(__[rsp + Ahead], rdx);
    }

    /// <summary>The whole sums of a unit: high digits first, times 16, then the low ones.</summary>
    private void Multiply(Assembler code, int tokens)
    {
        for (var t = 0; t < tokens; t++)
            code.vpxord(Sums[t], Sums[t], Sums[t]);
        for (var digit = 0; digit < digits; digit++)
        {
            for (var t = 0; t < tokens && digit == 1; t++)
                code.vpslld(Sums[t], Sums[t], 4);
            for (var columns = 0; columns < TileKernel.ColumnGroups; columns++)
            {
                var weights = columns % 2 == 0 ? zmm24 : zmm25;
                code.vmovdqu64(weights, __zmmword_ptr[rsi + (TileKernel.Vector * columns)]);
                for (var t = 0; t < tokens; t++)
                    code.vpdpbusd(Sums[t], weights, TileKernel.Token(t, r8, (32 * digit) + (4 * columns)));
            }
        }
    }

    /// <summary>One block of 32 columns for one token: sums of products become float, and are added with their scale and minimum.</summary>
    private void Accumulate(Assembler code, int token)
    {
        if (OffsetShift > 0)
        {
            code.vpslld(Products[token], TileKernel.Token(token, r10, 0), OffsetShift);
            code.vpsubd(Sums[token], Sums[token], Products[token]);
        }

        code.vmulps(Products[token], Unpacking.RowScales, TileKernel.Token(token, r9, 0));
        code.vcvtdq2ps(Sums[token], Sums[token]);
        code.vfmadd231ps(Accumulators[token], Sums[token], Products[token]);
        if (unpacking.HasMinima)
            code.vfmadd231ps(Accumulators[token], Unpacking.RowMinima, TileKernel.Token(token, r10, 0));
    }

    private static AssemblerRegisterZMM NibbleMask => zmm31;

    private static readonly AssemblerRegisterZMM[] Accumulators = [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7];

    private static readonly AssemblerRegisterZMM[] Sums = [zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15];

    private static readonly AssemblerRegisterZMM[] Products = [zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23];
}
