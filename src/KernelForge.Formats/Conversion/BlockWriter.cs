using System.Buffers.Binary;

namespace KernelForge.Formats.Conversion;

/// <summary>Writes coded rows as blocks of Q4_0, Q4_1 or Q8_0, whose scales are f16. Blocks have 32 values, groups one or several blocks.</summary>
internal static class BlockWriter
{
    private const int Block = 32;

    /// <summary>Writes a row.</summary>
    /// <returns>False where a scale or minimum is beyond the range of f16.</returns>
    /// <exception cref="NotSupportedException">The type has no such blocks.</exception>
    public static bool Write(CodedRow row, WeightType type, Span<byte> output)
    {
        if (!row.IsOrdered || row.GroupValues % Block != 0 || row.Codes.Length % Block != 0 || (row.HasMinima && type != WeightType.Q4_1))
            throw new NotSupportedException($"Groups of {row.GroupValues}{(row.HasMinima ? " with minima" : "")} do not fit blocks of {type}.");
        var length = output.Length / (row.Codes.Length / Block);
        for (var block = 0; block < row.Codes.Length / Block; block++)
        {
            var codes = row.Codes.AsSpan(block * Block, Block);
            var group = row.GroupOf(block * Block);
            var target = output.Slice(block * length, length);
            var written = type switch
            {
                WeightType.Q4_0 => WriteFourBits(codes, row.Scales[group], target),
                WeightType.Q4_1 => AffineBlock.Write(codes, row.Scales[group], row.HasMinima ? row.Minima[group] : 0, target),
                WeightType.Q8_0 => WriteEightBits(codes, row.Scales[group], target),
                _ => throw new NotSupportedException($"Codes are not written as {type}."),
            };
            if (!written)
                return false;
        }
        return true;
    }

    /// <summary>Writes values as f16.</summary>
    /// <returns>False where a value is beyond its range.</returns>
    public static bool WriteHalves(ReadOnlySpan<float> values, Span<byte> output)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var half = (Half)values[i];
            if (!Half.IsFinite(half))
                return false;
            BinaryPrimitives.WriteHalfLittleEndian(output[(2 * i)..], half);
        }
        return true;
    }

    /// <summary>Writes codes 0 to 15: the first sixteen into low nibbles.</summary>
    internal static void WriteNibbles(ReadOnlySpan<byte> codes, Span<byte> output)
    {
        for (var i = 0; i < Block / 2; i++)
            output[i] = (byte)(codes[i] | codes[i + (Block / 2)] << 4);
    }

    internal static bool WriteFourBits(ReadOnlySpan<short> codes, float scale, Span<byte> output)
    {
        Span<byte> unsigned = stackalloc byte[Block];
        for (var i = 0; i < Block; i++)
            unsigned[i] = codes[i] is >= -8 and <= 7 ? (byte)(codes[i] + 8) : throw new NotSupportedException($"Code {codes[i]} has more than four bits.");
        WriteNibbles(unsigned, output[2..]);
        return WriteScale(scale, output);
    }

    internal static bool WriteEightBits(ReadOnlySpan<short> codes, float scale, Span<byte> output)
    {
        for (var i = 0; i < Block; i++)
            output[2 + i] = codes[i] is >= sbyte.MinValue and <= sbyte.MaxValue ? (byte)codes[i] : throw new NotSupportedException($"Code {codes[i]} has more than eight bits.");
        return WriteScale(scale, output);
    }

    private static bool WriteScale(float scale, Span<byte> output)
    {
        var half = (Half)scale;
        BinaryPrimitives.WriteHalfLittleEndian(output, half);
        return Half.IsFinite(half);
    }
}
