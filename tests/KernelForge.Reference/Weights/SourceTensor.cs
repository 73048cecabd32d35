using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KernelForge.Graphs;

namespace KernelForge.Reference.Weights;

/// <summary>One tensor of a model file as it is stored.</summary>
/// <param name="Type">How values are stored.</param>
/// <param name="Rows">1 for a vector.</param>
/// <param name="Columns">Values of a row.</param>
/// <param name="Bytes">Row after row.</param>
public sealed record SourceTensor(WeightType Type, int Rows, int Columns, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Values that share a scale in the quantized types.</summary>
    public const int BlockLength = 32;

    /// <summary>The types that kernels run as they are stored.</summary>
    public static IReadOnlyList<WeightType> Types { get; } =
        [WeightType.F32, WeightType.F16, WeightType.Q4_0, WeightType.Q4_1, WeightType.Q8_0, WeightType.BF16];

    /// <summary>The same as float32 before its conversion to <see cref="Type"/>; null where it is stored as that.</summary>
    public Func<SourceTensor>? Stored { get; init; }

    /// <summary>Bytes of one row.</summary>
    public int RowBytes => Type switch
    {
        WeightType.F32 => Columns * 4,
        WeightType.F16 or WeightType.BF16 => Columns * 2,
        WeightType.Q4_0 => Columns / BlockLength * 18,
        WeightType.Q4_1 => Columns / BlockLength * 20,
        WeightType.Q8_0 => Columns / BlockLength * 34,
        _ => throw new NotSupportedException($"The reference decodes no tensors of type {Type}."),
    };

    /// <summary>Bytes of one row.</summary>
    public ReadOnlySpan<byte> Row(int row) => Bytes.Span.Slice(checked(row * RowBytes), RowBytes);

    /// <summary>The values that a view shows, as a vector of their own: they count as rows.</summary>
    public SourceTensor SelectVector(TensorView? view, int length) => view is null ? this : Select(view, length, 1) with { Rows = 1, Columns = length };

    /// <summary>The rows that a view shows, as a tensor of their own; of quantized ones only whole rows.</summary>
    public SourceTensor Select(TensorView? view, int rows, int columns)
    {
        if (view is null)
            return this;
        var valueBytes = Type switch { WeightType.F32 => 4, WeightType.F16 or WeightType.BF16 => 2, _ => 0 };
        if (valueBytes == 0 && (view.ColumnStride != 1 || columns != Columns))
            throw new NotSupportedException($"A view of {Type} must show whole rows.");
        var bytes = new MemoryStream();
        for (var row = 0; row < rows; row++)
        {
            var start = view.RowStart(row);
            if (valueBytes == 0)
                bytes.Write(Row(checked((int)(start / Columns))));
            for (var column = 0; valueBytes > 0 && column < columns; column++)
                bytes.Write(Bytes.Span.Slice(checked((int)((start + (column * view.ColumnStride)) * valueBytes)), valueBytes));
        }

        return new SourceTensor(Type, rows, columns, bytes.ToArray());
    }

    /// <summary>The exact float32 values of one row.</summary>
    public void Decode(int row, Span<float> values)
    {
        var bytes = Row(row);
        switch (Type)
        {
            case WeightType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case WeightType.F16:
                for (var i = 0; i < Columns; i++)
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                break;
            case WeightType.BF16:
                for (var i = 0; i < Columns; i++)
                    values[i] = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                break;
            default:
                DecodeQuantized(bytes, values);
                break;
        }
    }

    /// <summary>As float32, as they were before any conversion.</summary>
    public SourceTensor Exact() => Stored?.Invoke() ?? new SourceTensor(WeightType.F32, Rows, Columns, MemoryMarshal.AsBytes(Decode().AsSpan()).ToArray());

    /// <summary>All values, row after row.</summary>
    public float[] Decode()
    {
        var values = new float[checked(Rows * Columns)];
        Parallel.For(0, Rows, row => Decode(row, values.AsSpan(row * Columns, Columns)));
        return values;
    }

    /// <summary>Unsigned codes, scales and (Q4_1 only) minima of one row of a quantized type.</summary>
    public void DecodeCodes(int row, Span<byte> codes, Span<float> scales, Span<float> minima)
    {
        var bytes = Row(row);
        var stride = RowBytes / (Columns / BlockLength);
        for (var block = 0; block < Columns / BlockLength; block++)
        {
            var source = bytes.Slice(block * stride, stride);
            var target = codes.Slice(block * BlockLength, BlockLength);
            scales[block] = (float)BinaryPrimitives.ReadHalfLittleEndian(source);
            if (Type == WeightType.Q8_0)
            {
                for (var i = 0; i < BlockLength; i++)
                    target[i] = (byte)((sbyte)source[2 + i] + 128);
                continue;
            }

            if (Type == WeightType.Q4_1)
                minima[block] = (float)BinaryPrimitives.ReadHalfLittleEndian(source[2..]);
            var nibbles = source[(stride - 16)..];
            for (var i = 0; i < BlockLength / 2; i++)
            {
                target[i] = (byte)(nibbles[i] & 15);
                target[i + (BlockLength / 2)] = (byte)(nibbles[i] >> 4);
            }
        }
    }

    private void DecodeQuantized(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var stride = RowBytes / (Columns / BlockLength);
        for (var start = 0; start < Columns; start += BlockLength)
        {
            var source = bytes.Slice(start / BlockLength * stride, stride);
            var target = values.Slice(start, BlockLength);
            var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(source);
            if (Type == WeightType.Q8_0)
            {
                for (var i = 0; i < BlockLength; i++)
                    target[i] = (sbyte)source[2 + i] * scale;
                continue;
            }

            var minimum = Type == WeightType.Q4_1 ? (float)BinaryPrimitives.ReadHalfLittleEndian(source[2..]) : 0f;
            var nibbles = source[(stride - 16)..];
            for (var i = 0; i < BlockLength; i++)
            {
                var code = i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4;
                target[i] = Type == WeightType.Q4_1 ? MathF.FusedMultiplyAdd(code, scale, minimum) : (code - 8) * scale;
            }
        }
    }
}
