using System.Collections.Concurrent;
using KernelForge.Plans;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Contract;

/// <summary>The plan's tensors, made from the source's without the packer. Shared by the interpreters of one model.</summary>
/// <param name="plan">Which tensors there are.</param>
/// <param name="source">A tensor of the model file.</param>
public sealed class ContractWeights(Plan plan, Func<string, SourceTensor> source)
{
    private readonly ConcurrentDictionary<(int Block, int Tensor, int Expert), ContractMatrix> _matrices = new();

    /// <summary>The same source's, of a part.</summary>
    public ContractWeights Of(Plan view) => new(view, source);

    /// <summary>The plan.</summary>
    public Plan Plan => plan;

    /// <summary>A matrix of a block, or that of one of its experts.</summary>
    public ContractMatrix Matrix(int block, int tensor, int expert = 0) =>
        _matrices.GetOrAdd((block, tensor, expert), _ => new ContractMatrix(plan.Blocks[block].Tensors[tensor].Expert(expert), source));

    /// <summary>A vector of a block, or that of one of its experts, in packed order.</summary>
    public float[] Vector(int block, int tensor, int expert = 0)
    {
        var packed = plan.Blocks[block].Tensors[tensor].Expert(expert);
        if (packed.Layout != PackedLayout.Vector)
            throw new InvalidOperationException($"{plan.Blocks[block].Name}: {packed.Name} is used as a vector but its layout is {packed.Layout}.");
        var parts = packed.Parts.Select(Values).ToArray();
        var order = PackedOrder.Of([.. packed.Parts.Select(part => (part.Rows, part.Order))], packed.Interleaved);
        return Array.ConvertAll(order, origin => origin.Part < 0 ? 0f : parts[origin.Part][origin.Row]);
    }

    private float[] Values(PackedPart part)
    {
        var values = part.Tensor.Length == 0 ? new float[part.Rows] : source(part.Tensor).SelectVector(part.View, part.SourceValues).Decode();
        if (part.Distances is { } distances)
            values = [.. values.Chunk(distances.Buckets.Count).SelectMany(head => Enumerable.Range(-distances.Reach, distances.Length).Select(offset => head[distances.Buckets.Of(offset)]))];
        return part.Offset == 0 && part.Factor == 1 ? values : Array.ConvertAll(values, x => (x + part.Offset) * part.Factor);
    }

    /// <summary>A vector of the source (rotary factors).</summary>
    public float[] Values(string tensor) => source(tensor).Decode();
}
