namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// Eight-bit floats as DeepSeek and others publish them: <c>weight</c> F8_E4M3 [out, in], and <c>weight_scale_inv</c> for blocks of 128 x 128 or <c>weight_scale</c>
/// for rows or for all: what to multiply with, whatever the name says.
/// </summary>
internal sealed class Fp8Layout : CheckpointLayout
{
    private readonly (int Rows, int Columns)? _block;

    public Fp8Layout(LayoutSettings settings)
    {
        var format = settings.Text("fmt") ?? "e4m3";
        if (format is not ("e4m3" or "float8_e4m3fn"))
            throw Unsupported(settings, "fmt", $"FP8 in the format '{format}'");
        _block = settings.Block("weight_block_size");
    }

    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        foreach (var (module, codes) in tensors.Ending(".weight").Where(weight => weight.Tensor.Type.StartsWith("F8_", StringComparison.Ordinal)))
        {
            var scales = tensors.Find(module + ".weight_scale_inv") ?? tensors.Require(module + ".weight_scale", codes);
            yield return LogicalTensor.Matrix(new Fp8Weight("FP8", codes, scales, _block), codes, scales);
        }
    }
}
