using System.Buffers.Binary;
using System.Numerics;

namespace KernelForge.Formats.Decoding.Codebooks;

/// <summary>
/// Points that the IQ types choose from: four or eight magnitudes each. A table lists them as 16-bit little-endian numbers in base64; a point's
/// digits, lowest first, have two bits (eight digits) or three (four digits) and choose among the magnitudes.
/// </summary>
internal sealed class Codebook
{
    private readonly sbyte[] _values;

    public Codebook(string digits, ReadOnlySpan<sbyte> magnitudes)
    {
        var bits = magnitudes.Length <= 4 ? 2 : 3;
        Length = bits == 2 ? 8 : 4;
        var points = Convert.FromBase64String(digits);
        _values = new sbyte[points.Length / 2 * Length];
        for (var i = 0; i < _values.Length; i++)
        {
            var point = BinaryPrimitives.ReadUInt16LittleEndian(points.AsSpan(i / Length * 2));
            _values[i] = magnitudes[(point >> (i % Length * bits)) & ((1 << bits) - 1)];
        }
    }

    /// <summary>Values of a point.</summary>
    public int Length { get; }

    /// <summary>The values of a point.</summary>
    public ReadOnlySpan<sbyte> this[int point] => _values.AsSpan(point * Length, Length);

    /// <summary>Writes a point; a set bit of <paramref name="signs"/>, lowest first, turns a value negative.</summary>
    public void Write(int point, int signs, Span<sbyte> codes)
    {
        var values = this[point];
        for (var i = 0; i < values.Length; i++)
            codes[i] = (sbyte)((signs >> i & 1) == 0 ? values[i] : -values[i]);
    }

    /// <summary>Eight signs out of seven stored bits: the eighth makes their number even.</summary>
    public static int EvenSigns(uint bits) => (int)((bits & 127) | (((uint)BitOperations.PopCount(bits & 127) & 1) << 7));
}
