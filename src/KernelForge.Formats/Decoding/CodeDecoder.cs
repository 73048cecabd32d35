using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// A type whose values are small signed codes times a scale, plus a minimum where it has them; a block's values share them in groups of equal
/// length. Scales and minima are exact in binary32, and so is every product of a code and a scale: only the sum with a minimum rounds, once.
/// </summary>
public abstract class CodeDecoder : TensorDecoder
{
    /// <summary>Consecutive values that share a scale; divides the block.</summary>
    public abstract int GroupValues { get; }

    /// <summary>Whether groups have a minimum.</summary>
    public virtual bool HasMinima => false;

    /// <summary>Takes one block apart.</summary>
    /// <param name="block">Its bytes.</param>
    /// <param name="codes">One for each value.</param>
    /// <param name="scales">One for each group.</param>
    /// <param name="minima">One for each group; left alone by a type without.</param>
    public abstract void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima);

    /// <inheritdoc/>
    protected override void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Span<sbyte> codes = stackalloc sbyte[BlockValues];
        Span<float> scales = stackalloc float[BlockValues / GroupValues];
        Span<float> minima = stackalloc float[scales.Length];
        for (; !values.IsEmpty; bytes = bytes[BlockBytes..], values = values[BlockValues..])
        {
            Split(bytes[..BlockBytes], codes, scales, minima);
            for (var group = 0; group < scales.Length; group++)
            {
                var scale = scales[group];
                for (var i = group * GroupValues; i < (group + 1) * GroupValues; i++)
                    values[i] = HasMinima ? (codes[i] * scale) + minima[group] : codes[i] * scale;
            }
        }
    }

    /// <summary>The binary16 number at an offset.</summary>
    protected static float HalfAt(ReadOnlySpan<byte> block, int offset) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);

    /// <summary>The four bits at an index, two in a byte, the lower ones first.</summary>
    protected static int NibbleAt(ReadOnlySpan<byte> bytes, int index) => bytes[index / 2] >> (index % 2 * 4) & 15;
}
