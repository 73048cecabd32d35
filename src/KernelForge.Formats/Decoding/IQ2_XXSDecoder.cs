using System.Buffers.Binary;
using KernelForge.Formats.Decoding.Codebooks;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// IQ2_XXS: an f16 factor, then for each 32 values 8 bytes: four points of the codebook, then four times seven signs and four bits of a scale;
/// point * factor * (scale + 1/2) / 4.
/// </summary>
public sealed class IQ2_XXSDecoder : CodeDecoder
{
    /// <inheritdoc/>
    public override WeightType Type => WeightType.IQ2_XXS;

    /// <inheritdoc/>
    public override int BlockValues => 256;

    /// <inheritdoc/>
    public override int BlockBytes => 66;

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
            var points = block.Slice(2 + (group * 8), 4);
            var signs = BinaryPrimitives.ReadUInt32LittleEndian(block[(6 + (group * 8))..]);
            scales[group] = factor * (0.5f + (signs >> 28)) * 0.25f;
            for (var i = 0; i < 4; i++)
                IQ2_XXSGrid.Book.Write(points[i], Codebook.EvenSigns(signs >> (i * 7)), codes.Slice((group * 32) + (i * 8), 8));
        }
    }
}
