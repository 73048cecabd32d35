namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// compressed-tensors: codes packed into words (<c>weight_packed</c>, "pack-quantized"), or a byte a weight (<c>weight</c> I8 or F8_E4M3, "int-quantized",
/// "float-quantized" and "naive-quantized"), with <c>weight_scale</c> for all, for rows, for groups of a row, or for blocks of floats.
/// </summary>
internal sealed class CompressedTensorsLayout : CheckpointLayout
{
    private static readonly string[] Formats = ["pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "mixed-precision", "dense"];

    private readonly (int Rows, int Columns)? _block;

    public CompressedTensorsLayout(LayoutSettings settings)
    {
        RefuseUnknown(settings);
        foreach (var group in settings.Object("config_groups")?.Children() ?? [])
        {
            RefuseUnknown(group);
            _block ??= group.Object("weights")?.Block("block_structure");
        }

        if (settings.Object("sparsity_config") is { } sparsity && sparsity.Text("format") is { } format && format != "dense")
            throw Unsupported(sparsity, "format", $"compressed-tensors with sparse weights ('{format}')");
    }

    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        foreach (var (module, words) in tensors.Ending(".weight_packed"))
        {
            var codes = IntegerCodes.Packed(words, tensors.Require(module + ".weight_shape", words));
            yield return Integers(tensors, module, codes);
        }

        foreach (var (module, weight) in tensors.Ending(".weight"))
        {
            if (weight.Type == "I8")
            {
                yield return Integers(tensors, module, IntegerCodes.Bytes(weight));
            }
            else if (weight.Type.StartsWith("F8_", StringComparison.Ordinal))
            {
                var scales = tensors.Require(module + ".weight_scale", weight);
                yield return LogicalTensor.Matrix(new Fp8Weight("compressed-tensors FP8", weight, scales, _block), weight, scales);
            }
        }
    }

    private static LogicalTensor Integers(StoredTensors tensors, string module, IntegerCodes codes)
    {
        var scales = tensors.Require(module + ".weight_scale", codes.Stored);
        var zeros = tensors.Find(module + ".weight_zero_point");
        var order = tensors.Find(module + ".weight_g_idx")?.Expect("I32", codes.Columns);
        var weight = new CompressedIntegerWeight(module + ".weight", codes, scales, zeros, order);
        return LogicalTensor.Matrix(weight, codes.Stored, codes.Size, scales, zeros, order);
    }

    private static void RefuseUnknown(LayoutSettings settings)
    {
        if (settings.Text("format") is { } format && !Formats.Contains(format, StringComparer.Ordinal))
            throw Unsupported(settings, "format", $"compressed-tensors in the format '{format}'");
    }
}
