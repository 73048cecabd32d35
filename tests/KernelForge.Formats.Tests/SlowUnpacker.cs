using System.Buffers.Binary;
using KernelForge.Plans;

namespace KernelForge.Formats.Tests;

/// <summary>One value of a packed matrix, from the words of docs/packed-format.md alone.</summary>
internal static class SlowUnpacker
{
    public static float Value(ReadOnlySpan<byte> matrix, PackedLayout layout, int units, int row, int column)
    {
        var unitBytes = layout switch
        {
            PackedLayout.Int4 => 576,
            PackedLayout.Int4Minimum => 640,
            PackedLayout.Int8 => 1088,
            PackedLayout.Float32 => 4096,
            _ => 2048,
        };
        var unit = matrix.Slice(((row / 32 * units) + (column / 32)) * unitBytes, unitBytes);
        var (r, c) = (row % 32, column % 32);
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(unit[(2 * r)..]);
        return layout switch
        {
            PackedLayout.Int4 => (Nibble(unit[64..], r, c) - 8) * scale,
            PackedLayout.Int4Minimum => (Nibble(unit[128..], r, c) * scale) + (float)BinaryPrimitives.ReadHalfLittleEndian(unit[(64 + (2 * r))..]),
            PackedLayout.Int8 => (unit[64 + (c / 4 * 128) + (4 * r) + (c % 4)] - 128) * scale,
            PackedLayout.Float32 => BinaryPrimitives.ReadSingleLittleEndian(unit[(4 * ((32 * c) + r))..]),
            PackedLayout.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(unit[(2 * ((32 * c) + r))..]),
            _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(unit[(2 * ((32 * c) + r))..]) << 16),
        };
    }

    private static int Nibble(ReadOnlySpan<byte> codes, int row, int column)
    {
        var both = codes[(column / 4 * 64) + (row % 16 * 4) + (column % 4)];
        return row < 16 ? both & 15 : both >> 4;
    }
}
