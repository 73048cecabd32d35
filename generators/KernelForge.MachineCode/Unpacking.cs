using Iced.Intel;
using KernelForge.Plans;
using static Iced.Intel.AssemblerRegisters;

namespace KernelForge.Generator.MachineCode;

/// <summary>
/// The beginning of a kernel for several tokens: spreads the codes of packed tiles so that the products can take them as they are. Scratch then holds, for
/// each tile, the units of its rows 0 to 15, then those of its rows 16 to 31; a unit is the spread codes, 16 scales as floats, and 16 minima if there are any.
/// </summary>
/// <param name="layout">Int4, Int4Minimum or Int8.</param>
/// <param name="codeBytes">Bytes that the spread codes of 16 rows x 32 columns take.</param>
internal sealed class Unpacking(PackedLayout layout, int codeBytes)
{
    public bool IsInt8 => layout == PackedLayout.Int8;

    public bool HasMinima => layout == PackedLayout.Int4Minimum;

    /// <summary>Bytes of an unpacked unit of 16 rows.</summary>
    public int UnitBytes => codeBytes + ((HasMinima ? 2 : 1) * TileKernel.Vector);

    /// <summary>Bytes of a packed unit of 32 rows.</summary>
    public int PackedBytes => PackedLayouts.UnitBytes(layout);

    /// <summary>From an unpacked unit to its scales; minima follow.</summary>
    private int ScaleOffset => codeBytes;

    private int HeaderBytes => HasMinima ? 128 : 64;

    /// <summary>Unpacks all units of all tiles. rdi points to the arguments; r15 ends behind the last unit.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="spread">Spreads four columns' codes, <see cref="Packed"/>, to the unpacked units of both groups, <see cref="To"/>; 0: columns 0 to 3.</param>
    public void Write(Assembler code, Action<int> spread)
    {
        var tile = code.CreateLabel("unpackTile");
        var unit = code.CreateLabel("unpackUnit");
        code.mov(rsi, __[rdi + TileKernel.WeightsArgument]);
        code.mov(r15, __[rdi + TileKernel.ScratchArgument]);
        code.mov(rdx, __[rdi + TileKernel.TilesArgument]);
        code.Label(ref tile);
        code.mov(r8, rsi);
        code.mov(rcx, __[rdi + TileKernel.UnitsArgument]);
        code.imul(r13, rcx, UnitBytes);
        code.add(r13, r15);
        code.Label(ref unit);
        for (var columns = 0; columns < TileKernel.ColumnGroups; columns++)
            spread(columns);
        for (var group = 0; group < TileKernel.Groups; group++)
        {
            for (var header = 0; header < HeaderBytes / 64; header++)
            {
                code.vcvtph2ps(zmm0, __ymmword_ptr[rsi + ((64 * header) + (32 * group))]);
                code.vmovups(__zmmword_ptr[To(group) + (ScaleOffset + (TileKernel.Vector * header))], zmm0);
            }
        }

        code.add(rsi, PackedBytes);
        code.add(r15, UnitBytes);
        code.add(r13, UnitBytes);
        code.dec(rcx);
        code.jnz(unit);
        code.mov(r15, r13);
        code.mov(rsi, r8);
        code.add(rsi, __[rdi + TileKernel.TileBytesArgument]);
        code.dec(rdx);
        code.jnz(tile);
    }

    /// <summary>Four columns' codes in the packed unit: of all 32 rows in nibbles, or of 16 rows in bytes.</summary>
    public AssemblerMemoryOperand Packed(int columns, int group) =>
        __zmmword_ptr[rsi + (HeaderBytes + (IsInt8 ? (128 * columns) + (64 * group) : 64 * columns))];

    /// <summary>16 rows' scales, after <see cref="LoadScales"/>.</summary>
    public static AssemblerRegisterZMM RowScales => zmm30;

    /// <summary>Their minima.</summary>
    public static AssemblerRegisterZMM RowMinima => zmm31;

    /// <summary>Reads the scales, and minima if there are any, of an unpacked unit.</summary>
    public void LoadScales(Assembler code, AssemblerRegister64 unit)
    {
        code.vmovups(RowScales, __zmmword_ptr[unit + ScaleOffset]);
        if (HasMinima)
            code.vmovups(RowMinima, __zmmword_ptr[unit + (ScaleOffset + TileKernel.Vector)]);
    }

    /// <summary>Where the unpacked unit of a group of 16 rows begins.</summary>
    public static AssemblerRegister64 To(int group) => group == 0 ? r15 : r13;
}
