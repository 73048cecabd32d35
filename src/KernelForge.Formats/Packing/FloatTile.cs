using System.Runtime.InteropServices;

namespace KernelForge.Formats.Packing;

/// <summary>Tiles of 32 rows of floats: column by column, the rows side by side. Padding stays zero.</summary>
internal static unsafe class FloatTile
{
    /// <summary>Packs one tile of binary16 or bfloat16 as they are.</summary>
    public static void Pack16(byte** rows, int columns, Span<byte> output)
    {
        var target = MemoryMarshal.Cast<byte, ushort>(output);
        for (var row = 0; row < 32; row++)
        {
            if (rows[row] is null)
                continue;
            var source = new ReadOnlySpan<ushort>(rows[row], columns);
            for (var column = 0; column < columns; column++)
                target[(column * 32) + row] = source[column];
        }
    }

    /// <summary>Packs one row of a tile of binary32.</summary>
    public static void Pack32(ReadOnlySpan<float> values, int row, Span<byte> output)
    {
        var target = MemoryMarshal.Cast<byte, float>(output);
        for (var column = 0; column < values.Length; column++)
            target[(column * 32) + row] = values[column];
    }
}
