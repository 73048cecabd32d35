using Iced.Intel;
using KernelForge.Plans;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// Packed tiles of 32 rows times one token with 512-bit <c>vpdpbusd</c>: reads the weights once, at the speed of memory. Codes stay where they are in
/// their bytes: products of whole bytes less those of low nibbles are 16 times those of high nibbles.
/// </summary>
internal sealed class Vnni512VectorKernel(PackedLayout layout, ActivationFormat activations)
{
    // What is ahead of the reader, as kernels/KernelForge.Kernels/Cpu/MatMul/ReadAhead.cs has it: 8 lines from 8 pages for every 512 bytes read.
    private const int RegionBytes = 1 << 15;
    private const int RegionPages = 8;
    private const int PageBytes = 4096;
    private const int GroupBytes = 512;

    private readonly bool isInt4 = layout != PackedLayout.Int8;
    private readonly bool hasMinima = layout == PackedLayout.Int4Minimum;
    private readonly int digits = activations == ActivationFormat.Int12 ? 2 : 1;
    private readonly int unitBytes = PackedLayouts.UnitBytes(layout);

    private int HeaderBytes => hasMinima ? 128 : 64;

    public void Write(Assembler code)
    {
        TileKernel.Enter(code, frameBytes: 8);
        code.mov(rdx, __[rdi + TileKernel.TilesArgument]);
        code.mov(r14, __[rdi + TileKernel.WeightsArgument]);
        code.mov(r15, __[rdi + TileKernel.ResultsArgument]);
        code.xor(r12d, r12d);
        code.mov(ecx, 0x0F0F0F0F);
        code.vpbroadcastd(LowMask, ecx);

        var tile = code.CreateLabel("tile");
        code.Label(ref tile);
        Tile(code);
        code.add(r14, __[rdi + TileKernel.TileBytesArgument]);
        code.add(r15, 32 * sizeof(float));
        code.dec(rdx);
        code.jnz(tile);
        TileKernel.Leave(code, frameBytes: 8);
    }

    private void Tile(Assembler code)
    {
        code.mov(rsi, r14);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.mov(r8, __[rdi + TileKernel.CodesArgument]);
        code.mov(r9, __[rdi + TileKernel.ScalesArgument]);
        code.mov(r10, __[rdi + TileKernel.SumsArgument]);
        code.mov(r13, rsi);
        code.and(r13, -GroupBytes);
        code.cmp(r12, r13);
        code.cmovb(r12, r13);
        foreach (var accumulator in Accumulators)
            code.vpxord(accumulator, accumulator, accumulator);

        var unit = code.CreateLabel("unit");
        code.Label(ref unit);
        ReadAhead(code);
        Products(code);
        if (isInt4)
            TakeLowNibblesAway(code);
        for (var half = 0; half < 2; half++)
            Accumulate(code, half);
        code.add(rsi, unitBytes);
        code.add(r8, 32 * digits);
        code.add(r9, 4);
        code.add(r10, 4);
        code.dec(rcx);
        code.jnz(unit);
        for (var half = 0; half < 2; half++)
            code.vmovups(__zmmword_ptr[r15 + (64 * half)], Accumulators[half]);
    }

    /// <summary>r12: the first group of 512 bytes that nothing was fetched for. Lines beyond the worker's part stand for those of his next one.</summary>
    private void ReadAhead(Assembler code)
    {
        var next = code.CreateLabel("ahead");
        var beyond = code.CreateLabel("beyond");
        var fetched = code.CreateLabel("fetched");
        var done = code.CreateLabel("done");
        code.lea(rax, __[rsi + unitBytes]);
        code.Label(ref next);
        code.cmp(r12, rax);
        code.jae(done);
        code.mov(r13, r12);
        code.mov(rbx, r12);
        code.and(r13, -RegionBytes);
        code.shr(rbx, 3);
        code.and(ebx, 0xFC0);
        code.lea(r13, __[r13 + rbx + RegionBytes]);
        code.lea(rbx, __[r13 + (PageBytes * (RegionPages - 1))]);
        code.cmp(rbx, __[rdi + TileKernel.EndArgument]);
        code.jae(beyond);
        for (var page = 0; page < RegionPages; page++)
            code.prefetcht0(__byte_ptr[r13 + (PageBytes * page)]);
        code.Label(ref fetched);
        code.add(r12, GroupBytes);
        code.jmp(next);
        code.Label(ref beyond);
        for (var page = 0; page < RegionPages; page++)
        {
            code.mov(rbx, r13);
            code.sub(rbx, __[rdi + TileKernel.EndArgument]);
            code.mov(rbp, rbx);
            code.add(rbp, __[rdi + TileKernel.NextArgument]);
            code.test(rbx, rbx);
            code.cmovs(rbp, r13);
            code.prefetcht0(__byte_ptr[rbp]);
            code.add(r13, PageBytes);
        }

        code.jmp(fetched);
        code.Label(ref done);
    }

    private void Products(Assembler code)
    {
        foreach (var sum in Sums)
            code.vpxord(sum, sum, sum);
        for (var columns = 0; columns < TileKernel.ColumnGroups; columns++)
        {
            if (isInt4)
            {
                code.vmovdqu64(zmm9, __zmmword_ptr[rsi + (HeaderBytes + (64 * columns))]);
                code.vpandd(zmm8, zmm9, LowMask);
            }
            else
            {
                code.vmovdqu64(zmm8, __zmmword_ptr[rsi + (HeaderBytes + (128 * columns))]);
                code.vmovdqu64(zmm9, __zmmword_ptr[rsi + (HeaderBytes + (128 * columns) + 64)]);
            }

            for (var digit = 0; digit < digits; digit++)
            {
                code.vpbroadcastd(zmm11, __dword_ptr[r8 + ((32 * digit) + (4 * columns))]);
                code.vpdpbusd(Sums[digit], zmm8, zmm11);
                code.vpdpbusd(Sums[2 + digit], zmm9, zmm11);
            }
        }
    }

    /// <summary>What is left of whole bytes' products without the low nibbles'.</summary>
    private void TakeLowNibblesAway(Assembler code)
    {
        for (var digit = 0; digit < digits; digit++)
            code.vpsubd(Sums[2 + digit], Sums[2 + digit], Sums[digit]);
    }

    /// <summary>Rows 0 to 15 or 16 to 31 of the tile.</summary>
    private void Accumulate(Assembler code, int half)
    {
        var (high, low) = (Sums[2 * half], Sums[(2 * half) + 1]);
        var isHighNibble = isInt4 && half == 1;
        if (digits == 2 && isHighNibble)
            code.vpsrad(low, low, 4);
        else if (digits == 2)
            code.vpslld(high, high, 4);
        else if (isHighNibble)
            code.vpsrad(high, high, 4);
        if (digits == 2)
            code.vpaddd(high, high, low);
        if (!hasMinima)
        {
            code.vpslld(zmm12, __dword_bcst[r10], (byte)(isInt4 ? 3 : 7));
            code.vpsubd(high, high, zmm12);
        }

        code.vcvtph2ps(zmm12, __ymmword_ptr[rsi + (32 * half)]);
        code.vmulps(zmm12, zmm12, __dword_bcst[r9]);
        code.vcvtdq2ps(high, high);
        code.vfmadd231ps(Accumulators[half], high, zmm12);
        if (hasMinima)
        {
            code.vcvtph2ps(zmm13, __ymmword_ptr[rsi + (64 + (32 * half))]);
            code.vfmadd231ps(Accumulators[half], zmm13, __dword_bcst[r10]);
        }
    }

    private static AssemblerRegisterZMM LowMask => zmm14;

    private static readonly AssemblerRegisterZMM[] Accumulators = [zmm0, zmm1];

    private static readonly AssemblerRegisterZMM[] Sums = [zmm2, zmm3, zmm4, zmm5];
}
