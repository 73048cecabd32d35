using System.Runtime.ExceptionServices;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Weights;
using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Packs the weight section: several threads fill a few buffers, then these are written in order, so memory does not grow with the model.</summary>
internal sealed class WeightPacker(IWeights weights, PackedFileWriter writer, IProgress<double>? progress, CancellationToken cancellation)
{
    private const int JobBytes = 1 << 20;
    private readonly int _workers = Math.Min(Environment.ProcessorCount, 8);

    // In the order of jobs, so that sums do not depend on which thread was first.
    private readonly List<(WeightTensor Tensor, ErrorSum Error)> _converted = [];

    private sealed record Job(TilePacker Packer, int FirstTile, int Tiles, long Offset)
    {
        public int Bytes => Tiles * Packer.TileBytes;

        public ErrorSum[] Errors { get; } = new ErrorSum[Packer.Converted.Count()];
    }

    /// <summary>Packs all blocks of a plan into the current section.</summary>
    /// <returns>What was converted, and with what error.</returns>
    public IReadOnlyList<TypeConversion> Pack(Plan plan)
    {
        var total = plan.Blocks.Count == 0 ? 0 : plan.Blocks[^1].Offset + plan.Blocks[^1].Length;
        var buffers = new byte[2 * _workers][];
        foreach (var batch in Jobs(plan).Chunk(buffers.Length))
        {
            Fill(batch, buffers);
            for (var i = 0; i < batch.Length; i++)
            {
                writer.PadTo(batch[i].Offset);
                writer.Write(buffers[i].AsSpan(0, batch[i].Bytes));
                _converted.AddRange(batch[i].Packer.Converted.Zip(batch[i].Errors).Where(part => part.First is not null).Select(part => (part.First!, part.Second)));
            }
            progress?.Report((double)writer.SectionLength / total);
        }
        writer.PadTo(total);
        return TypeConversion.Summarize(_converted.Select(piece => (piece.Tensor.Storage, piece.Tensor.RunType, piece.Tensor.Name, piece.Error)));
    }

    private void Fill(Job[] batch, byte[][] buffers)
    {
        try
        {
            Parallel.For(0, batch.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers, CancellationToken = cancellation }, i =>
            {
                var job = batch[i];
                if (buffers[i] is null || buffers[i].Length < job.Bytes)
                    buffers[i] = new byte[Math.Max(job.Bytes, JobBytes)];
                var output = buffers[i].AsSpan(0, job.Bytes);
                output.Clear();
                job.Packer.Pack(job.FirstTile, job.Tiles, output, job.Errors);
            });
        }
        catch (AggregateException error) when (error.InnerException is ModelFormatException inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }

    private IEnumerable<Job> Jobs(Plan plan)
    {
        foreach (var block in plan.Blocks)
        {
            foreach (var tensor in block.Tensors.SelectMany(tensor => tensor.Each()))
            {
                var packer = new TilePacker(weights, tensor);
                var tiles = Math.Max(1, JobBytes / packer.TileBytes);
                for (var first = 0; first < packer.Tiles; first += tiles)
                    yield return new Job(packer, first, Math.Min(tiles, packer.Tiles - first), block.Offset + tensor.Offset + ((long)first * packer.TileBytes));
            }
        }
    }
}
