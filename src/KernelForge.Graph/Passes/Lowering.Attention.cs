using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <content>What brings tokens together.</content>
internal sealed partial class Lowering
{
    private void Lower(AttentionNode attention, Section section)
    {
        var (buffer, columns) = _bufferOf.Parts(attention);
        var (query, key, value) = (columns[0], columns[1], columns[2]);
        section.Steps.Add(new CacheStep("Cache", buffer, query, key, value, attention.Heads, attention.Rotary, Norms(attention, section)));
        var sinks = attention.Sinks is { } vector ? section.Add(PackedTensors.Vector("Sinks", vector)) : -1;
        var bias = attention.Bias is { } distances ? section.Add(PackedTensors.Distances("Distances", distances, attention.IsBidirectional, _graph.Context)) : -1;
        section.Steps.Add(new AttentionStep(
            attention.Name, buffer, query, attention.Heads, attention.Scale, attention.Window, Output(attention), attention.Softcap, sinks, attention.Chunk, attention.Temperature,
            Ahead(attention), Bias: bias));
    }

    private int Ahead(AttentionNode attention) => !attention.IsBidirectional ? 0 : attention.Window > 0 ? attention.Window - 1 : _graph.Context;

    /// <summary>
    /// Absorbed (DeepSeek-AI, 2024): the matrix that would make keys of latents multiplies queries instead, and the one that would make values what the
    /// heads have gathered. So a position costs its latent and one rotated key, however many heads there are.
    /// </summary>
    private void Lower(LatentAttentionNode latent, Section section)
    {
        var (heads, rank, query) = (latent.Heads, latent.Keys.Matrix.Columns, _bufferOf[latent.Inputs[0]]);
        var rotated = _buffers.Of("RotatedQuery", heads * latent.RotatedSize);
        section.Steps.Add(new LatentCacheStep("Cache", query, heads, _bufferOf[latent.Inputs[1]], _bufferOf[latent.Inputs[2]], latent.Rotary, rotated));
        var absorbed = _buffers.Of("LatentQuery", heads * rank);
        var keys = section.Add(PackedTensors.Heads("QueryToLatent", latent.Keys.Matrix, heads, isTurned: true));
        section.Steps.Add(new HeadMatMulStep("LatentQuery", query, latent.PlainSize + latent.RotatedSize, keys, absorbed, 1));
        var attended = _buffers.Of("AttendedLatent", heads * rank);
        section.Steps.Add(new LatentAttentionStep(latent.Name, absorbed, rotated, heads, latent.Scale, attended));
        var values = section.Add(PackedTensors.Heads("LatentToValue", latent.Values.Matrix, heads, isTurned: false));
        section.Steps.Add(new HeadMatMulStep("Values", attended, rank, values, Output(latent), 1));
    }

    private void Lower(ShortConvolutionNode convolution, Section section)
    {
        var (buffer, columns) = _bufferOf.Parts(convolution);
        var taps = section.Add(PackedTensors.Vector("Taps", PackedTensors.ByColumn(convolution.Taps)));
        var bias = convolution.Bias is { } vector ? section.Add(PackedTensors.Vector("TapsBias", vector)) : -1;
        section.Steps.Add(new ConvolutionStep(convolution.Name, buffer, columns[0], columns[1], columns[2], taps, bias, Output(convolution)));
    }

    private static CacheNorms? Norms(AttentionNode attention, Section section)
    {
        if (attention.HeadNorms is not { } norms)
            return null;
        int Width(int heads) => attention.HeadSize * (norms.Whole ? heads : 1);
        var (queryScale, queryShift) = Add(section, "QueryNorm", norms.Query, Width(attention.Heads), norms.Order);
        var (keyScale, keyShift) = Add(section, "KeyNorm", norms.Key, Width(attention.KeyValueHeads), norms.Order);
        return new CacheNorms(norms.Query.Kind, norms.Query.Epsilon, norms.Whole, norms.AfterRotary, queryScale, queryShift, keyScale, keyShift);
    }

    private static CacheNorms? KeyNorms(KeepNode keep, Section section)
    {
        if (keep.HeadNorms is not { } norms)
            return null;
        var (scale, shift) = Add(section, "KeyNorm", norms.Key, keep.HeadSize * (norms.Whole ? keep.KeyValueHeads : 1));
        return new CacheNorms(norms.Key.Kind, norms.Key.Epsilon, norms.Whole, AfterRotary: false, -1, -1, scale, shift);
    }
}
