using KernelForge.Plans;

namespace KernelForge.Reference.Numerics;

/// <summary>What a key or value head becomes when it is stored (docs/numerics.md, "Key-value cache").</summary>
public static class CacheRounding
{
    private const float LargestHalf = 65504f;

    /// <summary>The values that every reader of the cache sees.</summary>
    public static float[] Round(ReadOnlySpan<float> head, CacheFormat format) => format switch
    {
        CacheFormat.F16 => RoundToHalf(head),
        CacheFormat.Int8 => RoundToInt8(head),
        CacheFormat.F32 => head.ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "The contract knows no such cache format."),
    };

    private static float[] RoundToHalf(ReadOnlySpan<float> head)
    {
        var result = new float[head.Length];
        for (var i = 0; i < head.Length; i++)
            result[i] = (float)(Half)Math.Clamp(head[i], -LargestHalf, LargestHalf);
        return result;
    }

    private static float[] RoundToInt8(ReadOnlySpan<float> head)
    {
        var codes = new short[head.Length];
        var scale = QuantizedRow.Quantize(head, codes);
        var result = new float[head.Length];
        for (var i = 0; i < head.Length; i++)
            result[i] = codes[i] * scale;
        return result;
    }
}
