using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelForge.Formats.Packing;

/// <summary>Tiles of 32 rows of Q8_0.</summary>
internal static unsafe class Int8Tile
{
    private const int Block = 34;
    private const int UnitBytes = 1088;

    // A signed byte plus 128 is the byte with its top bit flipped.
    private const uint TopBits = 0x80808080;

    /// <summary>Packs one tile; a null row is padding.</summary>
    public static void Pack(byte** rows, int units, Span<byte> output)
    {
        for (var unit = 0; unit < units; unit++)
        {
            var target = output.Slice(unit * UnitBytes, UnitBytes);
            var scales = MemoryMarshal.Cast<byte, ushort>(target);
            var words = MemoryMarshal.Cast<byte, uint>(target[64..]);
            for (var row = 0; row < 32; row++)
            {
                var source = rows[row] is null ? null : rows[row] + ((long)unit * Block);
                scales[row] = source is null ? (ushort)0 : Unsafe.ReadUnaligned<ushort>(source);
                for (var j = 0; j < 8; j++)
                    words[(j * 32) + row] = source is null ? TopBits : Unsafe.ReadUnaligned<uint>(source + 2 + (4 * j)) ^ TopBits;
            }
        }
    }
}
