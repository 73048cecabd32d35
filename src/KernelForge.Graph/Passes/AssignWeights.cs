using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Lays the packed weights out in the order in which a pass reads them: tensors on cache lines, blocks on pages.</summary>
internal static class AssignWeights
{
    private const int TensorAlignment = 64;
    private const int BlockAlignment = 4096;

    public static Plan Run(Plan plan)
    {
        var blocks = new List<WeightBlock>();
        var start = 0L;
        foreach (var block in plan.Blocks)
        {
            var tensors = new List<PackedTensor>();
            var offset = 0L;
            foreach (var tensor in block.Tensors)
            {
                tensors.Add(tensor with { Offset = offset });
                offset = PackedLayouts.Align(offset + tensor.Length, TensorAlignment);
            }

            var length = PackedLayouts.Align(offset, BlockAlignment);
            blocks.Add(block with { Offset = start, Length = length, Tensors = tensors.ToEquatableArray() });
            start += length;
        }

        return plan with { Blocks = blocks.ToEquatableArray() };
    }
}
