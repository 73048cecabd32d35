using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code of encoders of images equals the contract interpreter bit for bit, and gives what the reference implementation gives.</summary>
public sealed class VisionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-vision-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>81 patches of 3 x 3 pixels, in heads of 10 values: two pages, and no size is a whole number of vectors.</summary>
    [Fact]
    public void EqualsTheContract()
    {
        using var compiled = new CompiledModel(RandomVisionFolder.Write(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var one = compiled.Load<VisionModel>(null, 1, 256);
        using var two = compiled.Load<VisionModel>(null, 2, 200);
        var pixels = RandomVisionFolder.Pixels(3);
        var size = pixels.Length / 3;

        var images = two.Encode(pixels, 3, RandomVisionFolder.Side, RandomVisionFolder.Side);

        images.Length.ShouldBe(3);
        for (var i = 0; i < images.Length; i++)
        {
            var pixelsOfOne = pixels[(i * size)..((i + 1) * size)];
            ShouldEqualTheContract(compiled, images[i], pixelsOfOne, RandomVisionFolder.Side);
            var alone = one.Encode(pixelsOfOne, RandomVisionFolder.Side, RandomVisionFolder.Side);
            alone.States.ToArray().ShouldBe(images[i].States.ToArray(), $"image {i}");
            alone.Pooled.ToArray().ShouldBe(images[i].Pooled.ToArray(), $"image {i}");
        }

        Should.Throw<ArgumentException>(() => one.Encode(pixels.AsSpan(0, size), 30, 30)).Message.ShouldContain("27 x 27");
        Should.Throw<ArgumentException>(() => one.Encode(pixels, RandomVisionFolder.Side, RandomVisionFolder.Side)).Message.ShouldContain("2 channels");
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public void GivesTheGoldenStates()
    {
        var path = Repository.Golden("checkpoints/siglip_vision/golden.safetensors");
        using var compiled = new CompiledModel(Path.GetDirectoryName(path)!, ActivationMode.Float, InstructionSets.Selected.ToString());
        using var model = compiled.Load<VisionModel>(null, 2, 256);
        using var golden = SafetensorsFile.Open(path);
        var tensor = golden.Require("pixel_values");
        var pixels = golden.Floats(tensor);

        var image = model.Encode(pixels, model.Side, model.Side);

        ShouldEqualTheContract(compiled, image, pixels, model.Side);
        Near(golden, "last_hidden_state", image.States);
        Near(golden, "pooler_output", image.Pooled);
    }

    private static void ShouldEqualTheContract(CompiledModel compiled, EncodedImage actual, float[] pixels, int side)
    {
        var inputs = new ModelInputs().Add(compiled.Plan.Input, [1, pixels.Length / (side * side), side, side], pixels);
        var expected = compiled.Contract.Encode(inputs.Rows(compiled.Plan.Input)[0]);
        Comparison.FirstBitDifference(expected["last_hidden_state"], [.. actual.States.ToArray().Chunk(actual.Width)]).ShouldBeNull();
        Comparison.FirstBitDifference(expected["pooler_output"], [actual.Pooled.ToArray()]).ShouldBeNull();
    }

    private static void Near(SafetensorsFile golden, string name, ReadOnlyMemory<float> actual) =>
        Comparison.Relative(Array.ConvertAll(golden.Floats(golden.Require(name)), x => (double)x), actual.ToArray().Select(x => (double)x)).ShouldBeLessThan(2e-4, name);
}
