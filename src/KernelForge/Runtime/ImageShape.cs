using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>Images as a model reads them: squares of patches, each a row of the values [channel][y][x].</summary>
/// <param name="Channels">Numbers of a pixel.</param>
/// <param name="Side">Patches of a side.</param>
/// <param name="Patch">Pixels of a patch's side.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record ImageShape(int Channels, int Side, int Patch)
{
    /// <summary>Rows of an image.</summary>
    public int Patches => Side * Side;

    /// <summary>Values of a row.</summary>
    public int Width => Channels * Patch * Patch;

    /// <summary>Copies pixels into rows; those beyond the last whole patch are left out.</summary>
    /// <param name="pixels">[channels, height, width].</param>
    /// <param name="height">Lines: as many whole patches as a side has.</param>
    /// <param name="width">Columns: the same.</param>
    /// <param name="rows">[patches, values].</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    internal void Arrange(ReadOnlySpan<float> pixels, int height, int width, Span<float> rows)
    {
        if (height / Patch != Side || width / Patch != Side)
            throw new ArgumentException($"The image has {height} x {width} pixels; the model reads {Side} x {Side} patches of {Patch} x {Patch}: {Side * Patch} x {Side * Patch} pixels.", nameof(height));
        if (pixels.Length != (long)Channels * height * width)
            throw new ArgumentException($"There are {pixels.Length} values; {Channels} channels of {height} x {width} pixels have {(long)Channels * height * width}.", nameof(pixels));
        var next = 0;
        for (var patch = 0; patch < Patches; patch++)
        {
            for (var line = 0; line < Channels * Patch; line++)
            {
                var y = (patch / Side * Patch) + (line % Patch);
                pixels.Slice((((line / Patch * height) + y) * width) + (patch % Side * Patch), Patch).CopyTo(rows[next..]);
                next += Patch;
            }
        }
    }
}
