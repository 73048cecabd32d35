namespace KernelForge.Kernels;

/// <summary>Single numbers of packed matrices.</summary>
[KernelTemplate]
public static unsafe class PackedNumber
{
    /// <summary>A binary16 number, neither infinite nor NaN. <c>(float)Half</c> would be a call.</summary>
    public static float Half(byte* p)
    {
        // Sign, exponent and mantissa move to their places in binary32; the product with 2^112 sets the exponent's bias right, subnormals included.
        var bits = (*(short*)p << 13) & -1879056384;
        return *(float*)&bits * 5.192296858534828e33f;
    }

    /// <summary>A bfloat16 number.</summary>
    public static float BFloat16(byte* p)
    {
        var bits = *(short*)p << 16;
        return *(float*)&bits;
    }

    /// <summary>The exact float32 value of one weight in a unit of 32 rows x 32 columns.</summary>
    public static float Weight([Constant] WeightLayout layout, byte* unit, nint row, nint column)
    {
        if (layout == WeightLayout.Float32)
            return ((float*)unit)[(column * PackedUnit.Length) + row];
        if (layout == WeightLayout.Float16)
            return Half(unit + (2 * ((column * PackedUnit.Length) + row)));
        if (layout == WeightLayout.BFloat16)
            return BFloat16(unit + (2 * ((column * PackedUnit.Length) + row)));
        return Code(layout, unit, row, column);
    }

    private static float Code([Constant] WeightLayout layout, byte* unit, nint row, nint column)
    {
        var codes = unit + PackedUnit.HeaderBytes(layout);
        var scale = Half(unit + (2 * row));
        if (layout == WeightLayout.Int8)
            return (codes[(column / 4 * 128) + (row * 4) + (column % 4)] - 128) * scale;
        var pair = (int)codes[(column / 4 * 64) + (row % 16 * 4) + (column % 4)];
        var code = row < 16 ? pair & 15 : pair >> 4;
        if (layout == WeightLayout.Int4)
            return (code - 8) * scale;
        return MathF.FusedMultiplyAdd(code, scale, Half(unit + 64 + (2 * row)));
    }
}
