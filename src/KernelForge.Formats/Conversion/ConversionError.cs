using System.Buffers;
using System.Runtime.ExceptionServices;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Packing;
using KernelForge.Formats.Weights;
using KernelForge.Plans;

namespace KernelForge.Formats.Conversion;

/// <summary>Measures what a conversion changes.</summary>
public static class ConversionError
{
    /// <summary>Of all converted tensors that a plan packs; reads all of them.</summary>
    /// <exception cref="ModelFormatException">A weight is infinite, not a number, or too large for the type it is converted to.</exception>
    public static IReadOnlyList<TypeConversion> OfPlan(IWeights weights, Plan plan, CancellationToken cancellation = default) => TypeConversion.Summarize(
        plan.Blocks.SelectMany(block => block.Tensors).SelectMany(tensor => tensor.Each())
            .SelectMany(tensor => new TilePacker(weights, tensor).Converted.OfType<WeightTensor>())
            .Select(tensor => (tensor.Storage, tensor.RunType, tensor.Name, OfTensor(tensor, cancellation))));

    private static ErrorSum OfTensor(WeightTensor tensor, CancellationToken cancellation)
    {
        // Added in the order of rows, so that the sum is the same on every machine.
        var rows = new ErrorSum[tensor.Rows];
        try
        {
            Parallel.For(0, tensor.Rows, new ParallelOptions { CancellationToken = cancellation }, row =>
            {
                var scratch = ArrayPool<byte>.Shared.Rent(tensor.RunBytes);
                rows[row] = OfRow(tensor, row, tensor.Row(row, scratch.AsSpan(0, tensor.RunBytes)));
                ArrayPool<byte>.Shared.Return(scratch);
            });
        }
        catch (AggregateException error) when (error.InnerException is ModelFormatException inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
        return rows.Aggregate(default(ErrorSum), (sum, row) => sum + row);
    }

    /// <summary>Of one row that was converted to <paramref name="bytes"/>.</summary>
    internal static ErrorSum OfRow(WeightTensor tensor, long row, ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<float>.Shared.Rent(2 * tensor.Columns);
        var stored = buffer.AsSpan(0, tensor.Columns);
        var converted = buffer.AsSpan(tensor.Columns, tensor.Columns);
        tensor.Decode(row, stored);
        TensorDecoder.Decode(tensor.RunType, bytes, converted);
        var error = ErrorSum.Of(stored, converted);
        ArrayPool<float>.Shared.Return(buffer);
        return error;
    }
}
