namespace KernelForge.Plans;

/// <summary>Sizes and places in a cache page (docs/cache.md): the units of the layers that attend, then those of the layers that convolve.</summary>
public static class CachePlaces
{
    /// <summary>Positions of a page.</summary>
    public const int Positions = 64;

    /// <summary>Bytes of a unit: the keys and values of one head, or the latents and rotated keys of a layer.</summary>
    public static long UnitBytes(CacheShape cache, CacheFormat format)
    {
        var values = (long)Positions * (cache.RotatedKey > 0 ? cache.HeadSize + cache.RotatedKey : 2 * cache.HeadSize);
        return format switch
        {
            CacheFormat.F16 => values * sizeof(ushort),
            CacheFormat.Int8 => values + (2 * Positions * sizeof(float)),
            _ => values * sizeof(float),
        };
    }

    /// <summary>Bytes of all units of a layer that attends.</summary>
    public static long LayerBytes(CacheShape cache, CacheFormat format) => cache.KeyValueHeads * UnitBytes(cache, format);

    /// <summary>From the start of a page to what the first convolution keeps.</summary>
    public static long ConvolutionOffset(CacheShape cache, CacheFormat format) => cache.Layers * LayerBytes(cache, format);

    /// <summary>Bytes that a convolution keeps of a page's positions, each padded to 32 values: as float32 in a cache of those, as binary16 in others.</summary>
    public static long ConvolutionBytes(CacheShape cache, CacheFormat format) =>
        (long)Positions * PackedLayouts.Align(cache.ConvolutionWidth, PackedLayouts.Tile) * (format == CacheFormat.F32 ? sizeof(float) : sizeof(ushort));

    /// <summary>Bytes of a page.</summary>
    public static long PageBytes(CacheShape cache, CacheFormat format) =>
        ConvolutionOffset(cache, format) + (cache.Convolutions * ConvolutionBytes(cache, format));
}
