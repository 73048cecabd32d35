using System.Buffers;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Gguf;
using KernelForge.Plans;

namespace KernelForge.Formats.Weights;

/// <summary>A tensor of a GGUF file.</summary>
internal sealed class GgufWeight(GgufFile file, GgufTensor tensor, TensorDecoder decoder)
    : WeightTensor(file.PathOf(tensor), tensor.Name, tensor.Type.Name, RunTypes.Of(decoder.Type), tensor.Rows, checked((int)tensor.Columns))
{
    public override bool IsConverted => decoder.Type != RunType;

    public override void Decode(long row, Span<float> values) => decoder.Decode(Stored(row), values);

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        var stored = Stored(row);
        if (!IsConverted)
            return stored;
        if (RunType == WeightType.F16 ? WriteHalves(stored, scratch) : BlockWriter.Write(Split(stored), RunType, scratch))
            return scratch;
        throw TooLarge(row, Offset(row));
    }

    private ReadOnlySpan<byte> Stored(long row)
    {
        var bytes = file.Rows(tensor, row, 1);
        return file.AllowsNonFinite || decoder.AllFinite(bytes) ? bytes : throw NotFinite(Offset(row));
    }

    private bool WriteHalves(ReadOnlySpan<byte> stored, Span<byte> scratch)
    {
        var values = ArrayPool<float>.Shared.Rent(Columns);
        decoder.Decode(stored, values.AsSpan(0, Columns));
        var written = BlockWriter.WriteHalves(values.AsSpan(0, Columns), scratch);
        ArrayPool<float>.Shared.Return(values);
        return written;
    }

    private CodedRow Split(ReadOnlySpan<byte> stored)
    {
        var codes = (CodeDecoder)decoder;
        var row = new CodedRow(Columns, codes.GroupValues, Columns / codes.GroupValues, codes.HasMinima);
        var groups = codes.BlockValues / codes.GroupValues;
        Span<sbyte> split = stackalloc sbyte[codes.BlockValues];
        for (var block = 0; block < Columns / codes.BlockValues; block++)
        {
            codes.Split(
                stored.Slice(block * codes.BlockBytes, codes.BlockBytes), split, row.Scales.AsSpan(block * groups, groups),
                codes.HasMinima ? row.Minima.AsSpan(block * groups, groups) : default);
            for (var i = 0; i < split.Length; i++)
                row.Codes[(block * codes.BlockValues) + i] = split[i];
        }
        return row;
    }

    private long Offset(long row) => tensor.Offset + (row * tensor.RowBytes);
}
