namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// GPTQ as AutoGPTQ and GPTQModel write it: <c>qweight</c> [in / codes, out], words whose codes run along the inputs; <c>qzeros</c> [groups, out / codes] along
/// the outputs; <c>scales</c> [groups, out]; <c>g_idx</c> [in], the group of each input. Format 1 stores zeros less one, <c>gptq_v2</c> as they are.
/// </summary>
internal sealed class GptqLayout : CheckpointLayout
{
    private readonly int _bits;
    private readonly int _groupSize;
    private readonly int _zeroOffset;
    private readonly bool _isSymmetric;

    public GptqLayout(LayoutSettings settings)
    {
        var format = settings.Text("checkpoint_format") ?? "gptq";
        if (format is not ("gptq" or "gptq_v2"))
            throw Unsupported(settings, "checkpoint_format", $"GPTQ in the format '{format}'");
        if (settings.Flag("is_marlin_format"))
            throw Unsupported(settings, "is_marlin_format", "GPTQ in the format 'marlin'");
        if (settings.Object("dynamic") is { IsEmpty: false })
            throw Unsupported(settings, "dynamic", "GPTQ with settings of its own for some modules");
        _bits = settings.Integer("bits") ?? 0;
        if (_bits is not (4 or 8))
            throw Unsupported(settings, "bits", $"GPTQ of {_bits} bits");
        _groupSize = settings.Integer("group_size") ?? -1;
        _zeroOffset = format == "gptq" ? 1 : 0;
        _isSymmetric = settings.Flag("sym");
    }

    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        var codes = 32 / _bits;
        foreach (var (module, words) in tensors.Ending(".qweight"))
        {
            var (wordRows, outputs) = words.Matrix("I32 U32");
            var inputs = wordRows * codes;
            var groupSize = _groupSize > 0 ? Math.Min(_groupSize, inputs) : inputs;
            var groups = (inputs + groupSize - 1) / groupSize;
            var zeros = tensors.Require(module + ".qzeros", words).Expect("I32 U32", groups, (outputs + codes - 1) / codes);
            var scales = tensors.Require(module + ".scales", words).Expect("F16 BF16 F32", groups, outputs);
            var order = tensors.Find(module + ".g_idx")?.Expect("I32 U32", inputs);
            var weight = new GptqWeight(module + ".weight", _bits, _zeroOffset, _isSymmetric, words, zeros, scales, GroupOf(order, groupSize, groups), groupSize);
            yield return LogicalTensor.Matrix(weight, words, zeros, scales, order);
        }
    }

    // Null: groups follow each other, as they do where inputs were not ordered by their activations.
    private static int[]? GroupOf(StoredTensor? order, int groupSize, int groups)
    {
        if (order is null)
            return null;
        var groupOf = new int[order.Shape[0]];
        var isOrdered = true;
        for (var i = 0; i < groupOf.Length; i++)
        {
            var group = order.Word(i);
            if (group >= groups)
                throw order.Error($"input {i} is of group {(int)group}; there are {groups}");
            groupOf[i] = (int)group;
            isOrdered &= group == i / groupSize;
        }
        return isOrdered ? null : groupOf;
    }
}
