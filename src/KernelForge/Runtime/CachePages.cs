using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>The layout of a cache page: 64 positions of all layers and heads.</summary>
/// <remarks>
/// The unit of layer l, key-value head h lies at (l * keyValueHeads + h) * unit bytes. A unit holds the keys transposed, [headSize][64], then the
/// values, [64][headSize], in the format's elements; INT8 has the 64 scales of the keys and the 64 scales of the values after them.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CachePages
{
    /// <summary>Positions in a page.</summary>
    public const int Positions = 64;

    /// <summary>Bytes of the keys and values of one head of one layer.</summary>
    public static nint UnitBytes(int headSize, KeyValueFormat format) => format switch
    {
        KeyValueFormat.F16 => (nint)headSize * Positions * 2 * sizeof(ushort),
        KeyValueFormat.Int8 => ((nint)headSize * Positions * 2) + (2 * Positions * sizeof(float)),
        KeyValueFormat.F32 => (nint)headSize * Positions * 2 * sizeof(float),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Known formats are F16, Int8 and F32."),
    };
}
