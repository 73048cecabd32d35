using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>What the machine-code kernels have in common: the arguments (<c>KernelForge.Runtime.MachineTile</c>), the way to a token's numbers.</summary>
internal static class TileKernel
{
    public const int WeightsArgument = 0;
    public const int TileBytesArgument = 8;
    public const int TilesArgument = 16;
    public const int UnitsArgument = 24;
    public const int CodesArgument = 32;
    public const int ScalesArgument = 40;
    public const int SumsArgument = 48;
    public const int StrideArgument = 56;
    public const int TokensArgument = 64;
    public const int ResultsArgument = 72;
    public const int StartedArgument = 80;
    public const int EndArgument = 88;
    public const int NextArgument = 96;
    public const int ScratchArgument = 104;

    /// <summary>Bytes from one token's results to the next.</summary>
    public const int ResultStride = 256;

    /// <summary>Bytes of 16 rows' results of a token, and of a vector.</summary>
    public const int Vector = 64;

    /// <summary>Groups of 16 rows in a tile.</summary>
    public const int Groups = 2;

    /// <summary>Groups of four columns in a unit; each is a vector of 16 rows.</summary>
    public const int ColumnGroups = 8;

    /// <summary>What of token 0 to 7 lies at a distance from <paramref name="row"/>; rax, rbx, rbp, r12 hold 1, 3, 5 and 7 strides.</summary>
    public static AssemblerMemoryOperand Token(int token, AssemblerRegister64 row, int distance) => token switch
    {
        0 => __dword_bcst[row + distance],
        1 => __dword_bcst[row + rax + distance],
        2 => __dword_bcst[row + (rax * 2) + distance],
        3 => __dword_bcst[row + rbx + distance],
        4 => __dword_bcst[row + (rax * 4) + distance],
        5 => __dword_bcst[row + rbp + distance],
        6 => __dword_bcst[row + (rbx * 2) + distance],
        7 => __dword_bcst[row + r12 + distance],
        _ => throw new ArgumentOutOfRangeException(nameof(token), token, "A row pointer reaches eight tokens."),
    };

    /// <summary>Saves what the System V calling convention wants back, and computes the strides; rdi points to the arguments.</summary>
    public static void Enter(Assembler code, int frameBytes)
    {
        foreach (var register in Saved)
            code.push(register);
        code.sub(rsp, frameBytes);
        code.mov(rax, __[rdi + StrideArgument]);
        code.lea(rbx, __[rax + (rax * 2)]);
        code.lea(rbp, __[rax + (rax * 4)]);
        code.lea(r12, __[rbx + (rax * 4)]);
    }

    public static void Leave(Assembler code, int frameBytes)
    {
        code.vzeroupper();
        code.add(rsp, frameBytes);
        foreach (var register in Enumerable.Reverse(Saved))
            code.pop(register);
        code.ret();
    }

    /// <summary>Accumulators begin with zero, or go on from the results of the columns before; rdi points to the arguments.</summary>
    public static void Start(Assembler code, IReadOnlyList<AssemblerRegisterZMM> accumulators, AssemblerRegister64 results)
    {
        var started = code.CreateLabel("started");
        var go = code.CreateLabel("go");
        code.cmp(__qword_ptr[rdi + StartedArgument], 0);
        code.jne(started);
        foreach (var accumulator in accumulators)
            code.vpxord(accumulator, accumulator, accumulator);
        code.jmp(go);
        code.Label(ref started);
        for (var t = 0; t < accumulators.Count; t++)
            code.vmovups(accumulators[t], __zmmword_ptr[results + (t * ResultStride)]);
        code.Label(ref go);
    }

    /// <summary>
    /// Fetches lines that the next call unpacks, while this one multiplies: unpacking alone would wait for memory, and memory for the products. Goes on by
    /// whole lines.
    /// </summary>
    public static void FetchAhead(Assembler code, AssemblerRegister64 ahead, int bytes)
    {
        var lines = (bytes + 63) / 64;
        for (var line = 0; line < lines; line++)
            code.prefetcht1(__byte_ptr[ahead + (64 * line)]);
        code.add(ahead, 64 * lines);
    }

    private static AssemblerRegister64[] Saved => [rbx, rbp, r12, r13, r14, r15];
}
