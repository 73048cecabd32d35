using Iced.Intel;
using KernelForge.Plans;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// Packed tiles times 16 tokens at a time with the matrix unit (AMX-BF16). INT12 activations are bfloat16 numbers and so are weights' codes: the unit's
/// sums over 32 columns are exact, and times the activations' scale already. They go through memory into vector registers, where they meet the weights' scales.
/// </summary>
internal sealed class AmxKernel(PackedLayout layout)
{
    private const int TokenTile = 16;
    private const int TileBytes = 1024;

    // Locals on the stack: where the tile's values, scaled sums and results begin, where products go, the tile's unpacked weights, tokens and tiles left,
    // where what is fetched ahead begins.
    private const int Values = 0;
    private const int Sums = 8;
    private const int Results = 16;
    private const int Products = 24;
    private const int Weights = 32;
    private const int Left = 40;
    private const int TilesLeft = 48;
    private const int FirstAhead = 56;
    private const int FrameBytes = 64;

    private readonly Unpacking unpacking = new(layout, TileBytes);

    public void Write(Assembler code)
    {
        var configuration = code.CreateLabel("configuration");
        var tables = code.CreateLabel("tables");
        var tokens = code.CreateLabel("tokens");
        var tile = code.CreateLabel("tile");
        TileKernel.Enter(code, FrameBytes);
        code.ldtilecfg(__[configuration]);
        Unpack(code, tables);
        code.mov(__[rsp + Products], r15);
        foreach (var (local, argument) in new[] { (Values, TileKernel.CodesArgument), (Sums, TileKernel.SumsArgument), (Results, TileKernel.ResultsArgument), (Left, TileKernel.TokensArgument), (FirstAhead, TileKernel.NextArgument) })
        {
            code.mov(rdx, __[rdi + argument]);
            code.mov(__[rsp + local], rdx);
        }

        code.mov(r11, TileKernel.Vector);
        code.Label(ref tokens);
        code.mov(r14, __[rsp + FirstAhead]);
        code.mov(rsi, __[rdi + TileKernel.ScratchArgument]);
        code.mov(rdx, __[rdi + TileKernel.TilesArgument]);
        code.mov(__[rsp + TilesLeft], rdx);
        code.Label(ref tile);
        code.mov(__[rsp + Weights], rsi);
        Multiply(code);
        for (var group = 0; group < TileKernel.Groups; group++)
            Accumulate(code, group);
        code.add(__qword_ptr[rsp + Results], TileKernel.Groups * TileKernel.Vector);
        code.mov(rsi, r13);
        code.mov(r14, __[rsp + FirstAhead]);
        code.add(r14, __[rdi + TileKernel.TileBytesArgument]);
        code.dec(__qword_ptr[rsp + TilesLeft]);
        code.jnz(tile);

        code.mov(rdx, __[rdi + TileKernel.TilesArgument]);
        code.shl(rdx, 7);
        code.sub(__[rsp + Results], rdx);
        code.add(__qword_ptr[rsp + Results], TokenTile * TileKernel.ResultStride);
        code.mov(rdx, rax);
        code.shl(rdx, 4);
        code.add(__[rsp + Values], rdx);
        code.add(__[rsp + Sums], rdx);
        code.mov(rdx, __[rdi + TileKernel.ScratchArgument]);
        code.mov(__[rsp + FirstAhead], rdx); // near already
        code.sub(__qword_ptr[rsp + Left], TokenTile);
        code.jg(tokens);

        code.tilerelease();
        TileKernel.Leave(code, FrameBytes);
        Configuration(code, configuration);
        Tables(code, tables);
    }

    /// <summary>Codes become bfloat16; a row of the matrix unit's second operand takes two columns of 16 rows.</summary>
    private void Unpack(Assembler code, Label tables)
    {
        code.lea(r9, __[tables]);
        code.vmovdqu64(FirstTwo, __zmmword_ptr[r9]);
        code.vmovdqu64(LastTwo, __zmmword_ptr[r9 + 64]);
        code.vmovdqu64(Numbers, __zmmword_ptr[r9 + 128]);
        unpacking.Write(code, columns =>
        {
            if (unpacking.IsInt8)
                SpreadBytes(code, columns);
            else
                SpreadNibbles(code, columns);
        });
    }

    private void SpreadNibbles(Assembler code, int columns)
    {
        code.vmovdqu64(zmm0, unpacking.Packed(columns, group: 0));
        foreach (var (pair, which) in new[] { (0, FirstTwo), (1, LastTwo) })
        {
            // A word holds a byte with its two nibbles: the table's index is its last five bits, and the table is there twice.
            code.vpshufb(zmm1, zmm0, which);
            for (var group = 0; group < TileKernel.Groups; group++)
            {
                if (group == 1)
                    code.vpsrlw(zmm1, zmm1, 4);
                code.vpermw(zmm2, zmm1, Numbers);
                code.vmovdqu64(Row(group, columns, pair), zmm2);
            }
        }
    }

    private void SpreadBytes(Assembler code, int columns)
    {
        for (var group = 0; group < TileKernel.Groups; group++)
        {
            code.vpaddb(zmm0, Numbers, unpacking.Packed(columns, group));
            for (var pair = 0; pair < 2; pair++)
            {
                if (pair == 1)
                    code.vpsrld(zmm0, zmm0, 16);
                code.vpmovdw(ymm1, zmm0);
                code.vextracti128(xmm2, ymm1, 1);
                foreach (var (half, bytes) in new[] { (zmm1, xmm1), (zmm2, xmm2) })
                {
                    code.vpmovsxbd(half, bytes);
                    code.vcvtdq2ps(half, half);
                }

                code.vcvtne2ps2bf16(zmm1, zmm2, zmm1);
                code.vmovdqu64(Row(group, columns, pair), zmm1);
            }
        }
    }

    private static AssemblerMemoryOperand Row(int group, int columns, int pair) =>
        __zmmword_ptr[Unpacking.To(group) + (TileKernel.Vector * ((2 * columns) + pair))];

    /// <summary>
    /// The products of all units of a tile with 16 tokens, 1 KB a group and unit. Few tile registers are live: the more, the slower the unit where a
    /// neighbour on the same core has live ones too (measured on Sapphire Rapids). r14 points at what is fetched ahead; r13 ends behind the tile's weights.
    /// </summary>
    private void Multiply(Assembler code)
    {
        var unit = code.CreateLabel("multiply");
        code.mov(r8, __[rsp + Values]);
        code.mov(r15, __[rsp + Products]);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.imul(r13, rcx, unpacking.UnitBytes);
        code.add(r13, rsi);
        code.Label(ref unit);
        TileKernel.FetchAhead(code, r14, unpacking.PackedBytes);
        code.tileloadd(tmm2, __[r8 + rax]);
        foreach (var (group, product) in new[] { (0, tmm0), (1, tmm1) })
        {
            code.tilezero(product);
            code.tileloadd(tmm3, __[(group == 0 ? rsi : r13) + r11]);
            code.tdpbf16ps(product, tmm2, tmm3);
        }

        code.tilestored(__[r15 + r11], tmm0);
        code.tilestored(__[r15 + r11 + TileBytes], tmm1);
        code.add(r8, 2 * 32);
        code.add(rsi, unpacking.UnitBytes);
        code.add(r13, unpacking.UnitBytes);
        code.add(r15, TileKernel.Groups * TileBytes);
        code.dec(rcx);
        code.jnz(unit);
    }

    private void Accumulate(Assembler code, int group)
    {
        var unit = code.CreateLabel("accumulate" + group);
        code.mov(rdx, __[rsp + Results]);
        code.mov(r8, __[rsp + Weights]);
        code.mov(r9, __[rsp + Sums]);
        code.mov(r15, __[rsp + Products]);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        if (group == 1)
        {
            code.add(rdx, TileKernel.Vector);
            code.imul(rsi, rcx, unpacking.UnitBytes);
            code.add(r8, rsi);
        }

        TileKernel.Start(code, Accumulators, rdx);
        code.lea(r10, __[r9 + (rax * 8)]);
        code.Label(ref unit);
        unpacking.LoadScales(code, r8);
        for (var t = 0; t < TokenTile; t++)
        {
            code.vfmadd231ps(Accumulators[t], Unpacking.RowScales, __zmmword_ptr[r15 + ((group * TileBytes) + (TileKernel.Vector * t))]);
            if (unpacking.HasMinima)
                code.vfmadd231ps(Accumulators[t], Unpacking.RowMinima, TileKernel.Token(t % 8, t < 8 ? r9 : r10, 0));
        }

        code.add(r8, unpacking.UnitBytes);
        code.add(r15, TileKernel.Groups * TileBytes);
        code.add(r9, 4);
        code.add(r10, 4);
        code.dec(rcx);
        code.jnz(unit);
        for (var t = 0; t < TokenTile; t++)
            code.vmovups(__zmmword_ptr[rdx + (t * TileKernel.ResultStride)], Accumulators[t]);
    }

    /// <summary>Palette 1 of the tile configuration: bytes of a row at 16, rows at 48. tmm0 and tmm1 take products, tmm2 activations, tmm3 weights.</summary>
    private static void Configuration(Assembler code, Label configuration)
    {
        var bytes = new byte[64];
        bytes[0] = 1;
        for (var tile = 0; tile < 4; tile++)
            (bytes[16 + (2 * tile)], bytes[48 + tile]) = (64, TokenTile);
        code.Label(ref configuration);
        code.db(bytes);
    }

    /// <summary>Which bytes of each four become words, for the first two and the last two; then what is added to a byte, or the numbers that nibbles stand for.</summary>
    private void Tables(Assembler code, Label tables)
    {
        code.Label(ref tables);
        for (var pair = 0; pair < 2; pair++)
            code.db([.. Enumerable.Range(0, 64).Select(i => i % 2 == 1 ? (byte)0x80 : (byte)((i % 16 / 4 * 4) + (i % 4 / 2) + (2 * pair)))]);
        code.db(unpacking.IsInt8
            ? [.. Enumerable.Repeat((byte)0x80, 64)]
            : [.. Enumerable.Range(0, 32).SelectMany(i => BFloat16((i % 16) - (layout == PackedLayout.Int4 ? 8 : 0)))]);
    }

    private static byte[] BFloat16(int number) => [.. BitConverter.GetBytes((float)number).Skip(2)];

    private static AssemblerRegisterZMM FirstTwo => zmm28;

    private static AssemblerRegisterZMM LastTwo => zmm29;

    private static AssemblerRegisterZMM Numbers => zmm30;

    private static readonly AssemblerRegisterZMM[] Accumulators =
        [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15];
}
