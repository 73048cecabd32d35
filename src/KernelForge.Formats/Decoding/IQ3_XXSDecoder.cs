using System.Buffers.Binary;
using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ3_XXS: an f16 factor; a point of the codebook for each 4 values; for each 32 values four times seven signs and four bits of a scale;
/// point * factor * (scale + 1/2) / 2.
/// </summary>
public sealed class IQ3_XXSDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ3_XXS;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 98;

    /// <inheritdoc/>
    public override int GroupValues => 32;

    /// <inheritdoc/>
    public override bool AllFinite(ReadOnlySpan<byte> bytes) => HalvesFinite(bytes, 0);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<byte> block, Span<sbyte> codes, Span<float> scales, Span<float> minima)
    {
        var factor = HalfAt(block, 0);
        for (var group = 0; group < 8; group++)
        {
            var signs = BinaryPrimitives.ReadUInt32LittleEndian(block[(66 + (group * 4))..]);
            scales[group] = factor * (0.5f + (signs >> 28)) * 0.5f;
            for (var i = 0; i < 8; i++)
            {
                var eight = Codebook.EvenSigns(signs >> (i / 2 * 7));
                IQ3_XXSGrid.Book.Write(block[2 + (group * 8) + i], eight >> (i % 2 * 4), codes.Slice((group * 32) + (i * 4), 4));
            }
        }
    }
}
