using Iced.Intel;
using KernelForge.Plans;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>What the machine-code kernels have in common: the arguments (<c>KernelForge.Runtime.MachineTile</c>), the unpacked rows, the way to a token's numbers.</summary>
/// <param name="layout">Int4, Int4Minimum or Int8.</param>
/// <param name="activations">Int8 or Int12.</param>
internal sealed class TileKernel(PackedLayout layout, ActivationFormat activations)
{
    public const int WeightsArgument = 0;
    public const int UnitsArgument = 8;
    public const int CodesArgument = 16;
    public const int ScalesArgument = 24;
    public const int SumsArgument = 32;
    public const int StrideArgument = 40;
    public const int TokensArgument = 48;
    public const int ResultsArgument = 56;
    public const int GroupsArgument = 64;
    public const int StartedArgument = 72;
    public const int EndArgument = 80;
    public const int NextArgument = 88;
    public const int ScratchArgument = 96;

    /// <summary>Bytes from one token's results to the next.</summary>
    public const int ResultStride = 256;

    /// <summary>Bytes from the results of a group of 16 rows to those of the next.</summary>
    public const int GroupResultBytes = 64;

    /// <summary>Groups of four columns in a unit; each is a vector of 16 rows.</summary>
    public const int ColumnGroups = 8;

    private const int Vector = 64;

    /// <summary>Whether the unpacked codes are there twice: times 16 for the high digits, then as they are.</summary>
    public bool HasTwoDigits => activations == ActivationFormat.Int12 && layout != PackedLayout.Int8;

    public bool HasMinima => layout == PackedLayout.Int4Minimum;

    /// <summary>Bytes of a unit's codes in an activation row.</summary>
    public int CodeBytes => activations == ActivationFormat.Int12 ? 64 : 32;

    /// <summary>How many times a unit's codes are multiplied: once a digit.</summary>
    public int Digits => CodeBytes / 32;

    /// <summary>Binary logarithm of what is subtracted from each code; 0: nothing.</summary>
    public byte OffsetShift => layout switch { PackedLayout.Int4 => 3, PackedLayout.Int8 => 7, _ => 0 };

    /// <summary>From a unit's start to its scales.</summary>
    public int ScaleOffset => ColumnGroups * Vector * (HasTwoDigits ? 2 : 1);

    /// <summary>Bytes of an unpacked unit of 16 rows.</summary>
    public int UnitBytes => ScaleOffset + (HasMinima ? 2 : 1) * Vector;

    /// <summary>Where the codes of a digit and four columns are in an unpacked unit.</summary>
    public int CodesOffset(int digit, int columns) => Vector * (columns + (HasTwoDigits && digit == 1 ? ColumnGroups : 0));

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

    /// <summary>One block of 32 columns for one token: sums of products become float, and are added with their scale and minimum.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="token">0 to 7.</param>
    /// <param name="accumulator">Of the token.</param>
    /// <param name="sum">Products of the token, converted here.</param>
    /// <param name="product">For the product of the scales.</param>
    /// <param name="scales">Points to the block's scale of token 0.</param>
    /// <param name="sums">Points to the block's sum or scaled sum of token 0.</param>
    public void Accumulate(
        Assembler code, int token, AssemblerRegisterZMM accumulator, AssemblerRegisterZMM sum, AssemblerRegisterZMM product, AssemblerRegister64 scales, AssemblerRegister64 sums)
    {
        if (OffsetShift > 0)
        {
            code.vpslld(product, Token(token, sums, 0), OffsetShift);
            code.vpsubd(sum, sum, product);
        }

        code.vmulps(product, RowScales, Token(token, scales, 0));
        code.vcvtdq2ps(sum, sum);
        code.vfmadd231ps(accumulator, sum, product);
        if (HasMinima)
            code.vfmadd231ps(accumulator, RowMinima, Token(token, sums, 0));
    }

    /// <summary>Reads scales and minima of the unit that starts <paramref name="distance"/> from rsi.</summary>
    public void LoadScales(Assembler code, int distance)
    {
        code.vmovups(RowScales, __zmmword_ptr[rsi + (distance + ScaleOffset)]);
        if (HasMinima)
            code.vmovups(RowMinima, __zmmword_ptr[rsi + (distance + ScaleOffset + Vector)]);
    }

    private static AssemblerRegisterZMM RowScales => zmm30;

    private static AssemblerRegisterZMM RowMinima => zmm31;

    private static AssemblerRegister64[] Saved => [rbx, rbp, r12, r13, r14, r15];
}
