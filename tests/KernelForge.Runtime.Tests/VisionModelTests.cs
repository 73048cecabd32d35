namespace KernelForge.Runtime.Tests;

public sealed class VisionModelTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_patch_is_a_row_of_its_pixels_channel_by_channel()
    {
        using var model = FakeVision.Load(_folder);
        // Five columns: the last is beyond the last whole patch.
        float[] pixels = [.. Enumerable.Range(0, 3 * 4 * 5).Select(i => (float)i)];

        var image = model.Encode(pixels, 4, 5);

        (model.Channels, model.Side, model.Patches, image.Width).ShouldBe((3, 4, 4, 12));
        image.States.ToArray()[12..24].ShouldBe([2, 3, 7, 8, 22, 23, 27, 28, 42, 43, 47, 48]);
        image.States.ToArray()[24..28].ShouldBe([10, 11, 15, 16]);
        image.Pooled.ToArray()[..3].ShouldBe([0, -1, -5]);
    }

    [Fact]
    public void Images_share_passes_of_a_chunk()
    {
        using var model = FakeVision.Load(_folder, chunk: 9);
        var images = model.Encode(new float[3 * 48], 3, 4, 4);
        images.Length.ShouldBe(3);
        model.Passes.ShouldBe([8, 4]);
    }

    [Fact]
    public void Another_size_is_refused()
    {
        using var model = FakeVision.Load(_folder);
        Should.Throw<ArgumentException>(() => model.Encode(new float[3 * 36], 6, 6)).Message.ShouldContain("4 x 4 pixels");
        Should.Throw<ArgumentException>(() => model.Encode(new float[32], 4, 4)).Message.ShouldContain("3 channels of 4 x 4 pixels have 48");
        Should.Throw<ArgumentException>(() => model.Encode(new float[49], 2, 4, 4)).Message.ShouldContain("no 2 images");
        model.Dispose();
        Should.Throw<ObjectDisposedException>(() => model.Encode(new float[48], 4, 4));
    }
}
