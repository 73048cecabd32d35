using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelForge.Formats.Packing;

/// <summary>Tiles of 32 rows of Q4_0 or Q4_1.</summary>
internal static unsafe class Int4Tile
{
    private const uint LowNibbles = 0x0F0F0F0F;
    private const uint HighNibbles = 0xF0F0F0F0;

    // Code 8 with scale 0: a padded row of Int4 is zero twice over.
    private const uint Zeros = 0x08080808;

    /// <summary>Packs one tile; a null row is padding.</summary>
    public static void Pack(byte** rows, int units, bool hasMinimum, Span<byte> output)
    {
        var block = hasMinimum ? 20 : 18;
        var unitBytes = hasMinimum ? 640 : 576;
        var padding = hasMinimum ? 0 : Zeros;
        for (var unit = 0; unit < units; unit++)
        {
            var target = output.Slice(unit * unitBytes, unitBytes);
            var halves = MemoryMarshal.Cast<byte, ushort>(target);
            for (var row = 0; row < 32; row++)
            {
                if (rows[row] is null)
                    continue;
                var source = rows[row] + ((long)unit * block);
                halves[row] = Unsafe.ReadUnaligned<ushort>(source);
                if (hasMinimum)
                    halves[32 + row] = Unsafe.ReadUnaligned<ushort>(source + 2);
            }

            var words = MemoryMarshal.Cast<byte, uint>(target[(unitBytes - 512)..]);
            var codes = ((long)unit * block) + (block - 16);
            for (var row = 0; row < 16; row++)
            {
                // A source word holds four columns of the first half of the block in its low nibbles, four of the second half in its high ones.
                for (var j = 0; j < 4; j++)
                {
                    var first = rows[row] is null ? padding | (padding << 4) : Unsafe.ReadUnaligned<uint>(rows[row] + codes + (4 * j));
                    var second = rows[row + 16] is null ? padding | (padding << 4) : Unsafe.ReadUnaligned<uint>(rows[row + 16] + codes + (4 * j));
                    words[(j * 16) + row] = (first & LowNibbles) | ((second & LowNibbles) << 4);
                    words[((j + 4) * 16) + row] = ((first >> 4) & LowNibbles) | (second & HighNibbles);
                }
            }
        }
    }
}
