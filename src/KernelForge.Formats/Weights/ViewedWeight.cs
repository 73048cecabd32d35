using System.Buffers;
using KernelForge.Formats.Conversion;
using KernelForge.Graphs;

namespace KernelForge.Formats.Weights;

/// <summary>Whole rows of another tensor: a query inside a fused matrix, an expert.</summary>
internal sealed class ViewedRows(string file, WeightTensor stored, TensorView view, int rows)
    : WeightTensor(file, stored.Name, stored.Storage, stored.RunType, rows, stored.Columns)
{
    public override bool IsConverted => stored.IsConverted;

    public override void Decode(long row, Span<float> values) => stored.Decode(Source(row), values);

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch) => stored.Row(Source(row), scratch);

    private long Source(long row) => view.RowStart(checked((int)row)) / Columns;
}

/// <summary>Codes that are run as binary16: what is taken from their rows begins at no whole block.</summary>
internal sealed class HalvedWeight(string file, WeightTensor stored) : WeightTensor(file, stored.Name, stored.Storage, WeightType.F16, stored.Rows, stored.Columns)
{
    public override bool IsConverted => true;

    public override void Decode(long row, Span<float> values) => stored.Decode(row, values);

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        var values = ArrayPool<float>.Shared.Rent(Columns);
        stored.Decode(row, values.AsSpan(0, Columns));
        var written = BlockWriter.WriteHalves(values.AsSpan(0, Columns), scratch);
        ArrayPool<float>.Shared.Return(values);
        return written ? scratch : throw TooLarge(row);
    }
}

/// <summary>A matrix of floats that is stored the other way round. Its values are turned once, in memory.</summary>
internal sealed class TransposedWeight : WeightTensor
{
    private readonly WeightTensor _stored;
    private readonly TensorView _view;
    private readonly Lazy<float[]> _values;

    public TransposedWeight(string file, WeightTensor stored, TensorView view, int rows, int columns)
        : base(file, stored.Name, stored.Storage, stored.RunType, rows, columns)
    {
        (_stored, _view) = (stored, view);
        _values = new Lazy<float[]>(Turn);
    }

    public override bool IsConverted => true;

    public override void Decode(long row, Span<float> values) => _values.Value.AsSpan(checked((int)row * Columns), Columns).CopyTo(values);

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        var values = _values.Value.AsSpan(checked((int)row * Columns), Columns);
        if (RunType == WeightType.F16 && !BlockWriter.WriteHalves(values, scratch))
            throw TooLarge(row);
        for (var i = 0; RunType != WeightType.F16 && i < values.Length; i++)
        {
            if (RunType == WeightType.BF16)
                BitConverter.TryWriteBytes(scratch[(2 * i)..], (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16));
            else
                BitConverter.TryWriteBytes(scratch[(4 * i)..], values[i]);
        }

        return scratch;
    }

    private float[] Turn()
    {
        var rows = checked((int)Rows);
        var values = new float[checked(rows * Columns)];
        var line = new float[_stored.Columns];
        var read = -1L;
        // Our columns are the stored rows, so each of these is read once.
        for (var column = 0; column < Columns; column++)
        {
            for (var row = 0; row < rows; row++)
            {
                var at = _view.RowStart(row) + (column * _view.ColumnStride);
                if (at / line.Length != read)
                    _stored.Decode(read = at / line.Length, line);
                values[(row * Columns) + column] = line[at % line.Length];
            }
        }

        return values;
    }
}
