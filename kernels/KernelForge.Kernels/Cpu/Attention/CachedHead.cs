using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>One position of one head in a unit of the cache (<see cref="CachePages"/>): keys transposed, then values, then scales for INT8.</summary>
[KernelTemplate]
public static unsafe class CachedHead
{
    /// <summary>Bytes of a stored value.</summary>
    public static int ElementBytes([Constant] KeyValueFormat format) => format switch
    {
        KeyValueFormat.F16 => 2,
        KeyValueFormat.Int8 => 1,
        _ => 4,
    };

    /// <summary>Head size rounded up to what every instruction set has whole vectors of.</summary>
    public static int PaddedSize([Constant] int headSize) => (headSize + 15) / 16 * 16;

    /// <summary>Rounds a head and stores it as the key or the value of a position.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="isKey">Keys are stored transposed.</param>
    /// <param name="head">[PaddedSize] the head; what lies beyond its size must be zero.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="slot">Position in the page, 0 to 63.</param>
    /// <param name="rounded">Room for PaddedSize stored values.</param>
    public static void Store(
        [Constant] KeyValueFormat format, [Constant] int headSize, [Constant] bool isKey, float* head, byte* unit, nint slot, byte* rounded)
    {
        Round(format, headSize, head, rounded, (float*)(unit + (2 * CachePages.Positions * headSize)) + (isKey ? 0 : CachePages.Positions) + slot);
        var bytes = ElementBytes(format);
        var to = unit + (isKey ? slot * bytes : (CachePages.Positions + slot) * headSize * bytes);
        Copy(format, headSize, rounded, to, isKey ? CachePages.Positions : 1);
    }

    /// <summary>Puts rounded values a step apart.</summary>
    public static void Copy([Constant] KeyValueFormat format, [Constant] int size, byte* rounded, byte* to, nint step)
    {
        for (nint d = 0; d < size; d++)
        {
            if (format == KeyValueFormat.F16)
                ((ushort*)to)[d * step] = ((ushort*)rounded)[d];
            else if (format == KeyValueFormat.Int8)
                to[d * step] = rounded[d];
            else
                ((float*)to)[d * step] = ((float*)rounded)[d];
        }
    }

    /// <summary>Rounds values as they are stored.</summary>
    /// <param name="format">How the cache is stored.</param>
    /// <param name="headSize">Number of values.</param>
    /// <param name="head">[PaddedSize] the values; what lies beyond them must be zero.</param>
    /// <param name="rounded">Room for PaddedSize stored values.</param>
    /// <param name="scale">Where their scale goes; of INT8 only.</param>
    public static void Round([Constant] KeyValueFormat format, [Constant] int headSize, float* head, byte* rounded, float* scale)
    {
        if (format == KeyValueFormat.Int8)
        {
            var magnitude = Simd.Zero();
            var zeros = Simd.Zero();
            foreach (var v in Unroll.Range(PaddedSize(headSize) / Simd.Width))
            {
                magnitude = Simd.Max(magnitude, Simd.Abs(Simd.Load(head + (v * Simd.Width))));
                zeros = Simd.MultiplyAdd(Simd.Load(head + (v * Simd.Width)), Simd.Zero(), zeros);
            }

            var largest = Simd.MaxLanes(magnitude);
            var isZero = largest < 1.262177448353619e-29f; // 2^-96
            *scale = (isZero ? 0f : largest / 127f) + Simd.SumLanes(zeros); // NaN where a value is not finite, as of activations
            var inverse = Simd.Broadcast(isZero ? 0f : 127f / largest);
            foreach (var v in Unroll.Range(PaddedSize(headSize) / Simd.Width))
                Simd.StoreSBytes(rounded + (v * Simd.Width), Simd.ToInt(Simd.Multiply(Simd.Load(head + (v * Simd.Width)), inverse)));
        }
        else
        {
            foreach (var v in Unroll.Range(PaddedSize(headSize) / Simd.Width))
            {
                var x = Simd.Load(head + (v * Simd.Width));
                if (format == KeyValueFormat.F16)
                    Simd.StoreHalf(rounded + (v * Simd.Width * 2), x);
                else
                    Simd.Store((float*)rounded + (v * Simd.Width), x);
            }
        }
    }

    /// <summary>Bytes of the keys of a unit, and of its values.</summary>
    public static int SideBytes([Constant] KeyValueFormat format, [Constant] int headSize) => CachePages.Positions * headSize * ElementBytes(format);

    /// <summary>Whether values of a unit can be read in whole vectors.</summary>
    public static bool HasWholeVectors([Constant] int headSize) => headSize == PaddedSize(headSize);

    /// <summary>A block's keys as float32: [headSize, 64]. Fetches half of those of the next.</summary>
    public static void LoadKeys([Constant] KeyValueFormat format, [Constant] int headSize, byte* unit, byte* next, float* keys)
    {
        var scales = (float*)(unit + (2 * CachePages.Positions * headSize));
        for (nint d = 0; d < headSize; d++)
        {
            Panel.Fetch(SideBytes(format, headSize) / 2 / headSize, next + (d * (SideBytes(format, headSize) / 2 / headSize)));
            foreach (var v in Unroll.Range(CachePages.Positions / Simd.Width))
            {
                var i = (d * CachePages.Positions) + (v * Simd.Width);
                var key = Values(format, unit + (i * ElementBytes(format)));
                Simd.Store(keys + i, format == KeyValueFormat.Int8 ? Simd.Multiply(key, Simd.Load(scales + (v * Simd.Width))) : key);
            }
        }
    }

    /// <summary>The first <paramref name="count"/> values of a block as float32: [count, PaddedSize], zero beyond the head. Fetches half of those of the next.</summary>
    public static void LoadValues([Constant] KeyValueFormat format, [Constant] int headSize, byte* unit, byte* next, nint count, float* values)
    {
        var scales = (float*)(unit + (2 * CachePages.Positions * headSize)) + CachePages.Positions;
        for (nint p = 0; p < count; p++)
        {
            Panel.Fetch(SideBytes(format, headSize) / 2 / CachePages.Positions, next + SideBytes(format, headSize) + (p * (SideBytes(format, headSize) / 2 / CachePages.Positions)));
            var from = unit + ((CachePages.Positions + p) * headSize * ElementBytes(format));
            var to = values + (p * PaddedSize(headSize));
            var whole = headSize / Simd.Width;
            foreach (var v in Unroll.Range(whole))
            {
                var value = Values(format, from + (v * Simd.Width * ElementBytes(format)));
                Simd.Store(to + (v * Simd.Width), format == KeyValueFormat.Int8 ? Simd.Multiply(value, Simd.Broadcast(scales[p])) : value);
            }

            foreach (var d in Unroll.Range(whole * Simd.Width, PaddedSize(headSize)))
                to[d] = d < headSize ? Value(format, from + (d * ElementBytes(format)), scales[p]) : 0f;
        }
    }

    /// <summary>A vector of stored values, not yet scaled.</summary>
    public static FloatVector Values([Constant] KeyValueFormat format, byte* p)
    {
        if (format == KeyValueFormat.F16)
            return Simd.LoadHalf(p);
        if (format == KeyValueFormat.Int8)
            return Simd.ToFloat(Simd.LoadSBytes(p));
        return Simd.Load((float*)p);
    }

    /// <summary>A stored value. <paramref name="scale"/> is that of INT8.</summary>
    public static float Value([Constant] KeyValueFormat format, byte* p, float scale)
    {
        if (format == KeyValueFormat.F16)
            return PackedNumber.Half(p);
        if (format == KeyValueFormat.Int8)
            return *(sbyte*)p * scale;
        return *(float*)p;
    }
}
