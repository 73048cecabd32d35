using System.Runtime.InteropServices;
using KernelForge.Formats.Decoding;

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

    /// <summary>Packs one tile whose rows may have any types, decoded exactly. A row without a decoder is padding.</summary>
    public static void Pack32(byte** rows, int columns, TensorDecoder?[] decoders, Span<byte> output)
    {
        var target = MemoryMarshal.Cast<byte, float>(output);
        var values = new float[columns];
        for (var row = 0; row < 32; row++)
        {
            if (decoders[row] is not { } decoder)
                continue;
            decoder.Decode(new ReadOnlySpan<byte>(rows[row], columns / decoder.BlockValues * decoder.BlockBytes), values);
            for (var column = 0; column < columns; column++)
                target[(column * 32) + row] = values[column];
        }
    }
}
