using System.Buffers.Binary;
using KernelForge.Formats.Packing;
using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Weights;

namespace KernelForge.Formats.Tests;

/// <summary>What the packer wrote, read back one value at a time as docs/packed-format.md describes it, equals the source.</summary>
public class PackedLayoutTests
{
    public static TheoryData<WeightType> Types => [.. SourceTensor.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Matrices_of_odd_sizes_keep_every_value(WeightType type)
    {
        var random = new Random((int)type);
        for (var round = 0; round < 12; round++)
        {
            var columns = type is WeightType.F32 or WeightType.F16 or WeightType.BF16 ? random.Next(1, 200) : 32 * random.Next(1, 6);
            var shape = new Shape(PackedLayouts.Of(type), columns, Interleaved: round % 3 == 2, Order: round % 2 == 0 ? RowOrder.AsStored : new RowOrder(8, 4));
            var parts = Enumerable.Range(0, shape.Interleaved ? 2 : random.Next(1, 4)).Select(_ => TestPlans.Random(random, type, 8 * random.Next(1, 12), columns)).ToList();
            if (shape.Interleaved)
                parts[1] = TestPlans.Random(random, type, parts[0].Rows, columns);
            RoundTrip(shape, parts);
        }
    }

    [Fact]
    public void Mixed_types_are_packed_as_float32()
    {
        var random = new Random(5);
        RoundTrip(
            new Shape(PackedLayout.Float32, 64, Interleaved: false, RowOrder.AsStored),
            [TestPlans.Random(random, WeightType.Q4_1, 24, 64), TestPlans.Random(random, WeightType.F16, 16, 64), TestPlans.Random(random, WeightType.Q8_0, 40, 64)]);
    }

    [Theory]
    [InlineData(WeightType.F32)]
    [InlineData(WeightType.F16)]
    public void Vectors_are_ordered_as_the_rows_they_belong_to(WeightType type)
    {
        var random = new Random(9);
        using var folder = new ScratchFolder();
        var (query, value) = (TestPlans.Random(random, type, 1, 48), TestPlans.Random(random, type, 1, 20));
        var source = TestPlans.Save(folder["m.gguf"], [("q", query), ("v", value)]);
        var tensor = new PackedTensor(
            "Bias", PackedLayout.Vector, 1, 48 + 8 + 20, Interleaved: false,
            EquatableArray.Create(
                new PackedPart("q", 48, new RowOrder(16, 8)), new PackedPart("", 8, RowOrder.AsStored), new PackedPart("v", 20, RowOrder.AsStored)),
            0, 0);

        var packed = Pack(folder, TestPlans.Of(source, [tensor]));

        var (q, v) = (Row(query, 0), Row(value, 0));
        float[] expected =
        [
            .. Enumerable.Range(0, 48).Select(i => q[(i / 16 * 16) + (i % 16 / 2) + (i % 2 * 8)]), .. new float[8], .. v, .. new float[96 - 76],
        ];
        Enumerable.Range(0, 96).Select(i => BinaryPrimitives.ReadSingleLittleEndian(packed.AsSpan(64 + (4 * i)))).ShouldBe(expected);
    }

    private sealed record Shape(PackedLayout Layout, int Columns, bool Interleaved, RowOrder Order);

    private static void RoundTrip(Shape shape, List<SourceTensor> parts)
    {
        using var folder = new ScratchFolder();
        var source = TestPlans.Save(folder["m.gguf"], parts.Select((part, i) => ($"part{i}", part)));
        var tensor = new PackedTensor(
            "Matrix", shape.Layout, parts.Sum(part => part.Rows), shape.Columns, shape.Interleaved,
            parts.Select((part, i) => new PackedPart($"part{i}", part.Rows, shape.Order)).ToEquatableArray(), 0, 0);
        var packed = Pack(folder, TestPlans.Of(source, [tensor])).AsSpan(64).ToArray();

        var origins = PackedOrder.Of([.. tensor.Parts.Select(part => (part.Rows, part.Order))], shape.Interleaved);
        for (var row = 0; row < PackedLayouts.Tiles(tensor) * 32; row++)
        {
            var origin = row < origins.Length ? origins[row] : new PackedOrder.Origin(-1, 0);
            var expected = origin.Part < 0 ? new float[shape.Columns] : Row(parts[origin.Part], origin.Row);
            for (var column = 0; column < PackedLayouts.Units(tensor) * 32; column++)
            {
                var value = SlowUnpacker.Value(packed, shape.Layout, PackedLayouts.Units(tensor), row, column);
                value.ShouldBe(column < shape.Columns ? expected[column] : 0f, $"{shape}, row {row}, column {column}");
            }
        }
    }

    private static float[] Row(SourceTensor tensor, int row)
    {
        var values = new float[tensor.Columns];
        tensor.Decode(row, values);
        return values;
    }

    private static byte[] Pack(ScratchFolder folder, Plan plan)
    {
        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]).ShouldBeTrue();
        var weights = PackedFileVerifier.Verify(folder["m.kfw"]).Single().Sections.Single(section => section.Name == "weights");
        return File.ReadAllBytes(folder["m.kfw"]).AsSpan((int)weights.Offset, (int)weights.Length).ToArray();
    }
}
