using KernelForge.Runtime;

namespace KernelForge;

/// <summary>
/// An encoder of images compiled into this program: turns pixels into states of patches, and into one vector. Any number of threads may use it; forward
/// passes take turns on the model's threads.
/// </summary>
/// <remarks>An image's states do not depend on the images that it shares a batch with, on the number of threads or on the instruction set.</remarks>
public abstract class VisionModel : EncoderModel
{
    private readonly ImageShape _image;

    /// <summary>Maps the packed file and starts the threads. Called by the generated class.</summary>
    /// <exception cref="PackedFileException">The packed file is missing, damaged or of another plan.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that this model cannot have.</exception>
    protected VisionModel(ModelDescription description, ModelOptions options)
        : base(description, options) =>
        _image = description.Image ?? throw new ArgumentException("The description is that of a model which reads no images.", nameof(description));

    /// <summary>Numbers of a pixel: 3 for red, green and blue.</summary>
    public int Channels => _image.Channels;

    /// <summary>Pixels of a side of an image.</summary>
    public int Side => _image.Side * _image.Patch;

    /// <summary>Patches of an image: states that it becomes.</summary>
    public int Patches => _image.Patches;

    /// <summary>Everything that the model computes for one image.</summary>
    /// <param name="pixels">[<see cref="Channels"/>, height, width], scaled and normalized as the model's authors do it.</param>
    /// <param name="height">Lines: <see cref="Side"/>, or less than a patch more; those beyond the last whole patch are not looked at.</param>
    /// <param name="width">Columns: the same.</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public EncodedImage Encode(ReadOnlySpan<float> pixels, int height, int width) => Encode(pixels, 1, height, width)[0];

    /// <summary>Everything that the model computes for some images. Small ones share a forward pass, in which the weights are read once.</summary>
    /// <param name="pixels">[<paramref name="images"/>, <see cref="Channels"/>, height, width].</param>
    /// <param name="images">Number of images, all of one size.</param>
    /// <param name="height">As above.</param>
    /// <param name="width">As above.</param>
    /// <exception cref="ArgumentException">The images have another size.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public EncodedImage[] Encode(ReadOnlySpan<float> pixels, int images, int height, int width)
    {
        RequireAlive();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(images);
        if (pixels.Length % images != 0)
            throw new ArgumentException($"{pixels.Length} values are no {images} images of equal size.", nameof(pixels));
        var size = pixels.Length / images;
        var encoded = new EncodedImage[images];
        for (var first = 0; first < images;)
        {
            var count = Math.Min(images - first, Math.Max(1, Options.PrefillChunk / Patches));
            var rows = new float[(long)count * Patches * _image.Width];
            for (var i = 0; i < count; i++)
                _image.Arrange(pixels.Slice((first + i) * size, size), height, width, rows.AsSpan(i * Patches * _image.Width));
            Run(rows, encoded.AsSpan(first, count));
            first += count;
        }

        return encoded;
    }

    private void Run(float[] rows, Span<EncodedImage> encoded)
    {
        var (states, pooled) = (new float[(long)encoded.Length * Patches * Width], new float[encoded.Length * PooledWidth]);
        var images = new EncoderText[encoded.Length];
        Array.Fill(images, new EncoderText(Patches));
        Run(images, states, HasPooler ? pooled : null, rows);
        for (var i = 0; i < encoded.Length; i++)
            encoded[i] = new EncodedImage(states.AsMemory(i * Patches * Width, Patches * Width), pooled.AsMemory(i * PooledWidth, PooledWidth), Width);
    }
}

/// <summary>What a <see cref="VisionModel"/> computes for one image.</summary>
/// <param name="States">[patches, <paramref name="Width"/>] the state of each patch, line by line.</param>
/// <param name="Pooled">What the model's pooler makes of them; empty where it has none.</param>
/// <param name="Width">Values of a state.</param>
public sealed record EncodedImage(ReadOnlyMemory<float> States, ReadOnlyMemory<float> Pooled, int Width);
