using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Contract;

/// <summary>A packed matrix's rows in packed order, one byte a code, one float a scale: nothing of the packed bytes' arrangement.</summary>
public sealed class ContractMatrix
{
    private readonly byte[] _codes = [];
    private readonly float[] _scales = [];
    private readonly float[] _minima = [];
    private readonly float[] _values = [];

    internal ContractMatrix(PackedTensor packed, Func<string, SourceTensor> source)
    {
        Layout = packed.Layout;
        Columns = packed.Columns;
        var parts = packed.Parts.Select(part => Source(packed, source(part.Tensor)).Select(part.View, part.Rows, packed.Columns)).ToArray();
        foreach (var part in parts)
            Check(packed, part);

        var order = PackedOrder.Of([.. packed.Parts.Select(part => (part.Rows, part.Order))], packed.Interleaved);
        Rows = order.Length;
        if (IsQuantized)
        {
            _codes = new byte[checked(Rows * Columns)];
            _scales = new float[Rows * Blocks];
            _minima = new float[Layout == PackedLayout.Int4Minimum ? Rows * Blocks : 0];
        }
        else
        {
            _values = new float[checked(Rows * Columns)];
        }

        Parallel.For(0, Rows, row =>
        {
            var (part, sourceRow) = order[row];
            if (part < 0)
                return;
            if (IsQuantized)
                parts[part].DecodeCodes(sourceRow, Slice(_codes, row, Columns), Slice(_scales, row, Blocks), Slice(_minima, row, Blocks));
            else
                parts[part].Decode(sourceRow, Slice(_values, row, Columns));
            if (Layout == PackedLayout.Float16 && parts[part].Type == WeightType.F32)
                CacheRounding.Round(Slice(_values, row, Columns), CacheFormat.F16).CopyTo(Slice(_values, row, Columns));
        });
    }

    /// <summary>How the plan packs it.</summary>
    public PackedLayout Layout { get; }

    /// <summary>Packed rows; among interleaved ones the zero rows that fill a group of 16.</summary>
    public int Rows { get; }

    /// <summary>Values of a row.</summary>
    public int Columns { get; }

    private bool IsQuantized => Layout is PackedLayout.Int4 or PackedLayout.Int4Minimum or PackedLayout.Int8;

    private int Blocks => Columns / SourceTensor.BlockLength;

    /// <summary>One row times a token of INT8 activations.</summary>
    public float Multiply(int row, QuantizedRow token) =>
        DotProduct.Quantized(Layout, Slice(_codes, row, Columns), Slice(_scales, row, Blocks), Slice(_minima, row, Blocks), token);

    /// <summary>The exact values of a row.</summary>
    public float[] Decode(int row)
    {
        if (!IsQuantized)
            return _values.AsSpan(row * Columns, Columns).ToArray();
        var values = new float[Columns];
        for (var i = 0; i < Columns; i++)
        {
            var block = (row * Blocks) + (i / SourceTensor.BlockLength);
            var code = _codes[(row * Columns) + i];
            values[i] = Layout switch
            {
                PackedLayout.Int4 => (code - 8) * _scales[block],
                PackedLayout.Int8 => (code - 128) * _scales[block],
                _ => MathF.FusedMultiplyAdd(code, _scales[block], _minima[block]),
            };
        }

        return values;
    }

    private static Span<T> Slice<T>(T[] array, int row, int length) =>
        array.Length == 0 ? default : array.AsSpan(row * length, length);

    // Codes among floats are the values that the file stores.
    private static SourceTensor Source(PackedTensor packed, SourceTensor source) =>
        packed.Layout is PackedLayout.Float16 or PackedLayout.Float32 && source.Type is WeightType.Q4_0 or WeightType.Q4_1 or WeightType.Q8_0 ? source.Exact() : source;

    private static void Check(PackedTensor packed, SourceTensor source)
    {
        var expected = source.Type switch
        {
            WeightType.F32 => PackedLayout.Float32,
            WeightType.F16 => PackedLayout.Float16,
            WeightType.BF16 => PackedLayout.BFloat16,
            WeightType.Q4_0 => PackedLayout.Int4,
            WeightType.Q4_1 => PackedLayout.Int4Minimum,
            WeightType.Q8_0 => PackedLayout.Int8,
            _ => throw new NotSupportedException($"The contract knows no weights of type {source.Type}."),
        };

        // Parts of different types (a gate and an up that are interleaved) become exact float32 values, codes of heads' own matrices binary16.
        var isHalved = packed.Layout == PackedLayout.Float16 && source.Type == WeightType.F32;
        if ((packed.Layout != expected && packed.Layout != PackedLayout.Float32 && !isHalved) || packed.Columns != source.Columns)
            throw new InvalidOperationException($"{packed.Name} is {packed.Layout} with {packed.Columns} columns; its source is {source.Type} with {source.Columns}.");
    }
}
