using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Tests;

public class SafetensorsWriterTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        using var folder = new ScratchFolder();
        SafetensorsWriter.Write(folder["out.safetensors"], ("logits", [2, 3], [1f, -0f, float.NaN, 4f, 5f, 6f]), ("empty \"name\"", [0, 3], []), ("scalar", [], [7f]));

        using var file = SafetensorsFile.Open(folder["out.safetensors"]);
        file.Tensors.Select(tensor => tensor.Name).ShouldBe(["logits", "empty \"name\"", "scalar"]);
        file.Require("logits").Shape.ShouldBe([2, 3]);
        file.Floats(file.Require("logits")).Select(BitConverter.SingleToInt32Bits).ShouldBe(new[] { 1f, -0f, float.NaN, 4f, 5f, 6f }.Select(BitConverter.SingleToInt32Bits));
        file.Floats(file.Require("scalar")).ShouldBe([7f]);
        Directory.GetFiles(folder.Root).Length.ShouldBe(1);
    }

    [Fact]
    public void A_shape_that_does_not_fit_is_refused_and_nothing_is_left()
    {
        using var folder = new ScratchFolder();
        Should.Throw<ArgumentException>(() => SafetensorsWriter.Write(folder["out.safetensors"], ("x", [2, 2], [1f])));
        Directory.GetFiles(folder.Root).ShouldBeEmpty();
    }
}
