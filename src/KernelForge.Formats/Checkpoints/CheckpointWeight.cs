using KernelForge.Formats.Conversion;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Checkpoints;

/// <summary>A matrix that a checkpoint stores in several tensors. Where no blocks of codes can hold its values, it runs as f16.</summary>
internal abstract class CheckpointWeight(string file, string name, string storage, WeightType runType, long rows, int columns)
    : WeightTensor(file, name, storage, runType, rows, columns)
{
    public override bool IsConverted => true;

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        var values = new float[Columns];
        Decode(row, values);
        return BlockWriter.WriteHalves(values, scratch) ? scratch : throw TooLarge(row);
    }

    /// <summary>Refuses infinities and what is no number.</summary>
    protected void CheckFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                throw NotFinite();
        }
    }
}

/// <summary>A matrix of codes with scales.</summary>
internal abstract class CodedWeight(string file, string name, string storage, WeightType runType, long rows, int columns)
    : CheckpointWeight(file, name, storage, runType, rows, columns)
{
    /// <summary>Takes a row apart.</summary>
    protected abstract CodedRow Split(long row);

    public override void Decode(long row, Span<float> values)
    {
        Split(row).Decode(values);
        CheckFinite(values);
    }

    public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch)
    {
        if (RunType == WeightType.F16)
            return base.Row(row, scratch);
        var coded = Split(row);
        CheckFinite(coded.Scales);
        CheckFinite(coded.Minima);
        return BlockWriter.Write(coded, RunType, scratch) ? scratch : throw TooLarge(row);
    }

    /// <summary>The type to run codes as: <paramref name="type"/> where its blocks of 32 can hold them.</summary>
    protected static WeightType Blocks(WeightType type, int columns, int groupValues) => columns % 32 == 0 && groupValues % 32 == 0 ? type : WeightType.F16;
}
