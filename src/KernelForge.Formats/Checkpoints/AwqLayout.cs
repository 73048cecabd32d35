using KernelForge.Formats.Conversion;

namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// AWQ in its "gemm" version: <c>qweight</c> [in, out / 8], words whose nibbles run along the outputs in the order 0, 2, 4, 6, 1, 3, 5, 7; <c>qzeros</c>
/// [groups, out / 8] alike; <c>scales</c> [groups, out]. scale * (code - zero).
/// </summary>
internal sealed class AwqLayout : CheckpointLayout
{
    // Where the nibble of an output is among the eight of its word.
    private static readonly int[] NibbleOf = [0, 4, 1, 5, 2, 6, 3, 7];

    private readonly int _groupSize;

    public AwqLayout(LayoutSettings settings)
    {
        var version = settings.Text("version") ?? "gemm";
        if (!version.Equals("gemm", StringComparison.OrdinalIgnoreCase))
            throw Unsupported(settings, "version", $"AWQ in the version '{version}'");
        if (settings.Integer("bits") is not 4)
            throw Unsupported(settings, "bits", $"AWQ of {settings.Integer("bits")} bits");
        if (settings.Has("zero_point") && !settings.Flag("zero_point"))
            throw Unsupported(settings, "zero_point", "AWQ without zero points");
        _groupSize = settings.Integer("group_size") ?? -1;
    }

    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        foreach (var (module, words) in tensors.Ending(".qweight"))
        {
            var (inputs, wordColumns) = words.Matrix("I32 U32");
            var outputs = wordColumns * 8;
            var groupSize = _groupSize > 0 ? Math.Min(_groupSize, inputs) : inputs;
            var groups = (inputs + groupSize - 1) / groupSize;
            var zeros = tensors.Require(module + ".qzeros", words).Expect("I32 U32", groups, wordColumns);
            var scales = tensors.Require(module + ".scales", words).Expect("F16 BF16 F32", groups, outputs);
            yield return LogicalTensor.Matrix(new Weight(module + ".weight", words, zeros, scales, inputs, outputs, groupSize), words, zeros, scales);
        }
    }

    private sealed class Weight(string name, StoredTensor words, StoredTensor zeros, StoredTensor scales, int inputs, int outputs, int groupSize)
        : CodedWeight(words.File.Path, name, "AWQ 4-bit", Blocks(WeightType.Q4_1, inputs, groupSize), outputs, inputs)
    {
        protected override CodedRow Split(long row)
        {
            var groups = (int)scales.Shape[0];
            var coded = new CodedRow(Columns, groupSize, groups, hasMinima: false);
            for (var group = 0; group < groups; group++)
            {
                coded.Scales[group] = scales.Float((group * Rows) + row);
                var zero = Code(zeros, group, row);
                for (var i = group * groupSize; i < Math.Min((group + 1) * groupSize, Columns); i++)
                    coded.Codes[i] = (short)(Code(words, i, row) - zero);
            }
            return coded;
        }

        private int Code(StoredTensor tensor, long line, long output) =>
            (int)(tensor.Word((line * (Rows / 8)) + (output / 8)) >> (NibbleOf[output % 8] * 4) & 15);
    }
}
