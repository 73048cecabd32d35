using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace KernelForge.Formats.Checkpoints;

/// <summary>Signed codes of a matrix as compressed-tensors stores them: packed into words, with half their range added, or a byte each.</summary>
/// <param name="Stored">The tensor.</param>
/// <param name="Size">The tensor that says the size of a packed matrix, or null.</param>
/// <param name="Bits">4 or 8.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed record IntegerCodes(StoredTensor Stored, StoredTensor? Size, int Bits, int Rows, int Columns)
{
    /// <summary>Codes of a word.</summary>
    public int PerWord => 32 / Bits;

    /// <summary>What a packed code has too much.</summary>
    public int Offset => 1 << (Bits - 1);

    /// <summary>Whether codes are in words.</summary>
    public bool IsPacked => Size is not null;

    /// <summary>Words [rows, columns / codes] whose matrix another tensor gives the size of.</summary>
    public static IntegerCodes Packed(StoredTensor words, StoredTensor size)
    {
        var (rows, wordColumns) = words.Matrix("I32 U32");
        size.Expect("I64 I32", 2);
        var columns = size.Type == "I64" ? BinaryPrimitives.ReadInt64LittleEndian(size.Bytes(8, 8)) : (int)size.Word(1);
        foreach (var bits in (ReadOnlySpan<int>)[4, 8])
        {
            if (columns > 0 && wordColumns == (columns + (32 / bits) - 1) / (32 / bits))
                return new IntegerCodes(words, size, bits, rows, (int)columns);
        }
        throw words.Error($"rows of {wordColumns} words hold no {columns} codes of 4 or 8 bits, which are the ones that are read");
    }

    /// <summary>A byte a code.</summary>
    public static IntegerCodes Bytes(StoredTensor bytes)
    {
        var (rows, columns) = bytes.Matrix("I8");
        return new IntegerCodes(bytes, null, 8, rows, columns);
    }

    /// <summary>The codes of a row.</summary>
    public void Read(long row, Span<short> codes)
    {
        if (IsPacked)
        {
            PackedCodes.Read(Stored, row * Stored.Shape[1], Bits, Offset, codes);
            return;
        }

        var bytes = MemoryMarshal.Cast<byte, sbyte>(Stored.Bytes(row * Columns, Columns));
        for (var i = 0; i < codes.Length; i++)
            codes[i] = bytes[i];
    }
}
