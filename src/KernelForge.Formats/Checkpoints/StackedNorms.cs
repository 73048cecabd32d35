using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// Norms of heads that a folder has as a vector for each head (StableLM 2 12B: <c>q_layernorm.norms.0.weight</c>, <c>.1.</c>, ...): one matrix with a row for
/// each, as GGUF has them.
/// </summary>
internal static class StackedNorms
{
    /// <summary>The matrices, <c>q_layernorm.weight</c> and so on.</summary>
    /// <param name="tensors">Those of the folder.</param>
    /// <param name="allowNonFinite">Whether values may be infinite or not a number.</param>
    /// <exception cref="ModelFormatException">Vectors of one have different sizes.</exception>
    public static IEnumerable<LogicalTensor> Combine(StoredTensors tensors, bool allowNonFinite)
    {
        foreach (var (module, first) in tensors.Ending(".norms.0.weight"))
        {
            var rows = new List<StoredTensor>();
            while (tensors.Find($"{module}.norms.{rows.Count}.weight") is { } row)
                rows.Add(row.Expect(first.Type, [.. first.Shape]));
            yield return LogicalTensor.Matrix(new Stack(module + ".weight", [.. rows.Select(row => new FloatWeight(row, allowNonFinite))], first), rows);
        }
    }

    private sealed class Stack(string name, FloatWeight[] rows, StoredTensor first)
        : WeightTensor(first.File.Path, name, rows[0].Storage, rows[0].RunType, rows.Length, rows[0].Columns)
    {
        public override bool IsConverted => false;

        public override void Decode(long row, Span<float> values) => rows[row].Decode(0, values);

        public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch) => rows[row].Row(0, scratch);
    }
}
