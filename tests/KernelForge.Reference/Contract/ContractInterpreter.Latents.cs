using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Contract;

/// <content>Attention over latents, and short convolutions.</content>
public sealed partial class ContractInterpreter
{
    private float[][] MultiplyHeads(Pass pass, int block, HeadMatMulStep step)
    {
        var input = pass.Floats(step.Input);
        var (heads, rows, columns) = (Plan.Blocks[block].Tensors[step.Matrix].Experts, Plan.Blocks[block].Tensors[step.Matrix].Rows, Plan.Blocks[block].Tensors[step.Matrix].Columns);
        var results = Array.ConvertAll(input, _ => new float[heads * rows]);
        Parallel.For(0, heads * rows, at =>
        {
            var (head, row) = (at / rows, at % rows);
            var values = weights.Matrix(block, step.Matrix, head).Decode(row);
            for (var token = 0; token < input.Length; token++)
                results[token][at] = DotProduct.Float(values, input[token].AsSpan(head * step.InputStride, columns));
        });
        return results;
    }

    private float[][] Store(Pass pass, Call call, LatentCacheStep step)
    {
        var (queries, latents, keys) = (pass.Floats(step.Query), pass.Floats(step.Latent), pass.Floats(step.Key));
        var size = Plan.Cache.RotatedKey;
        return [.. queries.Select((query, row) =>
        {
            var (sequence, angles) = (pass.Sequences[row], Rotary(step.Rotary)[pass.Positions[row]]);
            var key = keys[row].ToArray();
            Numerics.Rotary.Rotate(key, angles);
            var latent = CacheRounding.Round(latents[row], sequence.Format);
            sequence.Append(CachedPart.Key, call.CacheLayer, 0, [.. latent, .. CacheRounding.Round(key, sequence.Format)]);
            sequence.Append(CachedPart.Value, call.CacheLayer, 0, latent);
            return query.Chunk(query.Length / step.Heads).SelectMany(head =>
            {
                var end = head[^size..];
                Numerics.Rotary.Rotate(end, angles);
                return end;
            }).ToArray();
        })];
    }

    private float[][] Attend(Pass pass, int layer, LatentAttentionStep step)
    {
        var (rank, size) = (Plan.Cache.HeadSize, Plan.Cache.RotatedKey);
        var (latents, ends) = (pass.Floats(step.Latent), pass.Floats(step.Rotated));
        var results = Array.ConvertAll(latents, _ => new float[step.Heads * rank]);
        Parallel.For(0, step.Heads * latents.Length, unit =>
        {
            var (row, head) = (unit / step.Heads, unit % step.Heads);
            var (keys, values) = (pass.Sequences[row].Read(CachedPart.Key, layer, 0), pass.Sequences[row].Read(CachedPart.Value, layer, 0));
            float[] query = [.. latents[row].AsSpan(head * rank, rank), .. ends[row].AsSpan(head * size, size)];
            BlockAttention.Attend(query, keys, values, pass.Positions[row], 0, step.Scale, inLanes: true).CopyTo(results[row], head * rank);
        });
        return results;
    }

    private float[][] Convolve(Pass pass, Call call, ConvolutionStep step)
    {
        var width = Plan.Cache.ConvolutionWidth;
        var taps = weights.Vector(call.Block, step.Taps);
        var bias = step.Bias < 0 ? null : weights.Vector(call.Block, step.Bias);
        return [.. pass.Floats(step.Buffer).Select((row, token) =>
        {
            var sequence = pass.Sequences[token];
            float Value(int first, int i) => row[first + i];
            var own = Enumerable.Range(0, width).Select(i => Value(step.BeforeColumn, i) * Value(step.ValueColumn, i)).ToArray();
            sequence.Append(CachedPart.Product, call.CacheLayer, 0, CacheRounding.Round(own, sequence.Format == CacheFormat.F32 ? CacheFormat.F32 : CacheFormat.F16));
            var kept = sequence.Read(CachedPart.Product, call.CacheLayer, 0);
            return ShortConvolution.Apply(taps, bias, kept, width).Select((sum, i) => Value(step.AfterColumn, i) * sum).ToArray();
        })];
    }
}
