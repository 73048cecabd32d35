using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>Sounds as a model hears them: the bands of a spectrogram over time. A row is a frame.</summary>
/// <param name="Bands">Values of a frame.</param>
/// <param name="Frames">Frames of a sound, no more and no less.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record SoundShape(int Bands, int Frames)
{
    /// <summary>The features of a sound as rows.</summary>
    /// <param name="features">[bands, frames].</param>
    /// <param name="frames">Frames that the caller has.</param>
    /// <returns>[frames, bands].</returns>
    /// <exception cref="ArgumentException">The sound has another size.</exception>
    internal float[] Arrange(ReadOnlySpan<float> features, int frames)
    {
        if (frames != Frames)
            throw new ArgumentException($"The sound has {frames} frames; the model hears exactly {Frames}. Pad a shorter sound with silence before its features are made, and cut a longer one.", nameof(frames));
        if (features.Length != Bands * Frames)
            throw new ArgumentException($"There are {features.Length} values; {Bands} bands of {Frames} frames have {Bands * Frames}.", nameof(features));
        var rows = new float[features.Length];
        for (var band = 0; band < Bands; band++)
        {
            for (var frame = 0; frame < Frames; frame++)
                rows[(frame * Bands) + band] = features[(band * Frames) + frame];
        }

        return rows;
    }
}
