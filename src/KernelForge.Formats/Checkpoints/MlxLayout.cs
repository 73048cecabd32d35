using KernelForge.Formats.Conversion;

namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// MLX, affine: <c>weight</c> U32 [out, in / codes], whose codes run along the inputs; <c>scales</c> and <c>biases</c> [out, groups].
/// scale * code + bias. A module may have bits and group size of its own.
/// </summary>
internal sealed class MlxLayout(LayoutSettings settings) : CheckpointLayout
{
    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        foreach (var (module, scales) in tensors.Ending(".scales"))
        {
            if (tensors.Find(module + ".weight") is not { Type: "U32" } words)
                continue;
            var (bits, groupSize) = Settings(module);
            var (outputs, wordColumns) = words.Matrix("U32");
            var inputs = wordColumns * (32 / bits);
            groupSize = Math.Min(groupSize, inputs);
            scales.Expect("F16 BF16 F32", outputs, (inputs + groupSize - 1) / groupSize);
            var biases = tensors.Require(module + ".biases", words).Expect("F16 BF16 F32", [.. scales.Shape]);
            yield return LogicalTensor.Matrix(new Weight(words, scales, biases, bits, inputs, outputs, groupSize), words, scales, biases);
        }
    }

    private (int Bits, int GroupSize) Settings(string module)
    {
        var own = settings.IsObject(module) ? settings.Object(module)! : settings;
        var mode = own.Text("mode") ?? settings.Text("mode") ?? "affine";
        if (mode != "affine")
            throw Unsupported(own, "mode", $"MLX in the mode '{mode}'");
        var bits = own.Integer("bits") ?? settings.Integer("bits") ?? 4;
        if (bits is not (2 or 4 or 8))
            throw Unsupported(own, "bits", $"MLX of {bits} bits");
        var groupSize = own.Integer("group_size") ?? settings.Integer("group_size") ?? 64;
        return groupSize > 0 ? (bits, groupSize) : throw own.Error("group_size", "a number above 0 is expected");
    }

    // Eight bits above a bias are more than a block of 32 can hold; they run as f16.
    private sealed class Weight(StoredTensor words, StoredTensor scales, StoredTensor biases, int bits, int inputs, int outputs, int groupSize)
        : CodedWeight(words.File.Path, words.Name, $"MLX {bits}-bit", bits == 8 ? WeightType.F16 : Blocks(WeightType.Q4_1, inputs, groupSize), outputs, inputs)
    {
        protected override CodedRow Split(long row)
        {
            var groups = (int)scales.Shape[1];
            var coded = new CodedRow(Columns, groupSize, groups, hasMinima: true);
            for (var group = 0; group < groups; group++)
            {
                coded.Scales[group] = scales.Float((row * groups) + group);
                coded.Minima[group] = biases.Float((row * groups) + group);
            }
            PackedCodes.Read(words, row * words.Shape[1], bits, offset: 0, coded.Codes);
            return coded;
        }
    }
}
