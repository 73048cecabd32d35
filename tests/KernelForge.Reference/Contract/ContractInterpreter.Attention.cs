using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Contract;

/// <content>Keys and values of heads, and attention over them.</content>
public sealed partial class ContractInterpreter
{
    private readonly Dictionary<int, float[][]> _rotaries = [];

    /// <summary>Rotates heads, and normalizes them before or after, in place.</summary>
    private void Prepare(Call call, CacheStep step, Span<float> heads, int scale, int shift, float[] angles)
    {
        var size = Plan.CacheOf(step.IsKept).HeadSize;
        var isAfter = step.Norms is { AfterRotary: true };
        if (!isAfter)
            Normalize(heads);
        for (var head = 0; head < heads.Length; head += size)
            Numerics.Rotary.Rotate(heads.Slice(head, size), angles);
        if (isAfter)
            Normalize(heads);

        void Normalize(Span<float> values)
        {
            if (step.Norms is not { } norms || values.IsEmpty)
                return;
            var normalize = Normalizer(norms.Kind, call.Block, scale, shift, norms.Epsilon);
            var length = norms.Whole ? values.Length : size;
            for (var start = 0; start < values.Length; start += length)
                normalize(values.Slice(start, length).ToArray(), start).CopyTo(values[start..]);
        }
    }

    private void Store(Pass pass, Call call, CacheStep step)
    {
        var (heads, size) = (Plan.CacheOf(step.IsKept).KeyValueHeads, Plan.CacheOf(step.IsKept).HeadSize);
        var buffer = pass.Floats(step.Buffer);
        if (Plan.IsEncoder && !step.IsKept)
        {
            foreach (var sequence in pass.Sequences)
                sequence.Forget();
        }

        for (var row = 0; row < buffer.Length; row++)
        {
            var angles = step.Rotary < 0 ? [] : Rotary(step.Rotary)[pass.Positions[row]];
            Prepare(call, step, buffer[row].AsSpan(step.QueryColumn, step.Heads * size), step.Norms?.QueryScale ?? -1, step.Norms?.QueryShift ?? -1, angles);
            var keys = buffer[row].AsSpan(step.KeyColumn, heads * size).ToArray();
            Prepare(call, step, keys, step.Norms?.KeyScale ?? -1, step.Norms?.KeyShift ?? -1, angles);
            var sequence = step.IsKept ? pass.Sequences[row].Keeper : pass.Sequences[row];
            for (var head = 0; head < heads; head++)
            {
                sequence.Append(CachedPart.Key, call.CacheLayer, head, CacheRounding.Round(keys.AsSpan(head * size, size), sequence.Format), step.IsKept);
                sequence.Append(CachedPart.Value, call.CacheLayer, head, CacheRounding.Round(buffer[row].AsSpan(step.ValueColumn + (head * size), size), sequence.Format), step.IsKept);
            }
        }
    }

    private float[][] Attend(Pass pass, Call call, AttentionStep step)
    {
        var size = Plan.CacheOf(step.IsKept).HeadSize;
        var group = step.Heads / Plan.CacheOf(step.IsKept).KeyValueHeads;
        var queries = pass.Floats(step.Input);
        var sinks = step.Sinks < 0 ? null : weights.Vector(call.Block, step.Sinks);
        var biases = step.Bias < 0 ? null : weights.Vector(call.Block, step.Bias);
        var results = Array.ConvertAll(queries, _ => new float[step.Heads * size]);
        Parallel.For(0, step.Heads * queries.Length, unit =>
        {
            var (row, head) = (unit / step.Heads, unit % step.Heads);
            var sequence = pass.Sequences[step.IsKept && Plan.IsEncoder ? pass.LogitRows[row] : row];
            var (keys, values) = (sequence.Read(CachedPart.Key, call.CacheLayer, head / group, step.IsKept), sequence.Read(CachedPart.Value, call.CacheLayer, head / group, step.IsKept));
            var query = queries[row].AsSpan(step.QueryColumn + (head * size), size).ToArray();
            if (step.Temperature is { } temperature)
                query = Array.ConvertAll(query, x => x * Temperature.Of(temperature, pass.Positions[row]));
            BlockAttention.Attend(query, keys, values, pass.Positions[row], step.Window, step.Scale, step.Softcap, ahead: step.IsKept ? keys.Count : step.Ahead, chunk: step.Chunk, sink: sinks?[head], bias: Bias(head)).CopyTo(results[row], head * size);
        });
        return results;

        Func<int, float>? Bias(int head)
        {
            if (biases is null)
                return null;
            var reach = ((biases.Length / step.Heads) - 1) / 2;
            return offset => biases[(((2 * head) + 1) * reach) + head + Math.Clamp(offset, -reach, reach)];
        }
    }

    private float[][] Rotary(int index)
    {
        if (!_rotaries.TryGetValue(index, out var table))
            _rotaries[index] = table = RotaryAngles.Table(Plan.Rotaries[index], Plan.Context, weights.Values);
        return table;
    }
}
