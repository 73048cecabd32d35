using KernelForge.Formats.Conversion;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Packing;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Weights;

namespace KernelForge.Formats.Tests;

/// <summary>Types that kernels do not run are packed as ones they do: what the packed file holds is close to the stored values, and the packer says how close.</summary>
public sealed class ConversionTests : IDisposable
{
    private const int Columns = 512;
    private readonly ScratchFolder _folder = new();

    /// <summary>Relative errors that the quantized rows stay below.</summary>
    public static TheoryData<WeightType, double> Bounds => new()
    {
        { WeightType.Q5_0, 0 },
        { WeightType.Q5_1, 3e-4 },
        { WeightType.Q2_K, 3e-4 },
        { WeightType.Q3_K, 0 },
        { WeightType.Q4_K, 5e-4 },
        { WeightType.Q5_K, 3e-4 },
        { WeightType.Q6_K, 3e-4 },
        { WeightType.IQ2_XXS, 4e-4 },
        { WeightType.IQ2_XS, 3e-4 },
        { WeightType.IQ2_S, 3e-4 },
        { WeightType.IQ3_XXS, 4e-4 },
        { WeightType.IQ3_S, 4.5e-4 },
        { WeightType.IQ1_S, 4.5e-4 },
        { WeightType.IQ1_M, 3e-4 },
        { WeightType.IQ4_NL, 0 },
        { WeightType.IQ4_XS, 4e-4 },
        { WeightType.TQ1_0, 0 },
        { WeightType.TQ2_0, 0 },
        { WeightType.MXFP4, 0 },
        { WeightType.NVFP4, 0 },
        { WeightType.Q1_0, 0 },
        { WeightType.Q2_0, 0 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Packed_values_are_as_close_as_the_packer_says(WeightType type, double bound)
    {
        // Quantized rows of three distributions; the fourth row's tails are beyond the sizes of weights.
        var (bytes, values) = Vectors(type, rows: 3);

        var (packed, conversion) = Pack(type, bytes, rows: 3);

        var (differences, squares) = (0.0, 0.0);
        for (var i = 0; i < values.Length; i++)
        {
            var value = SlowUnpacker.Value(packed, PackedLayouts.Of(type), Columns / 32, i / Columns, i % Columns);
            differences += Math.Pow((double)value - values[i], 2);
            squares += Math.Pow(values[i], 2);
        }
        conversion.ShouldBe(new TypeConversion(type.ToString(), RunTypes.Of(type), 1, Math.Sqrt(differences / squares), "matrix"), new AlmostEqual());
        conversion.LargestError.ShouldBeLessThanOrEqualTo(bound);
    }

    [Fact]
    public void Every_converted_type_has_a_bound_here() =>
        Bounds.Select(row => (WeightType)row[0]).ShouldBe(Enum.GetValues<WeightType>().Where(type => RunTypes.Of(type) != type), ignoreOrder: true);

    private static (byte[] Bytes, float[] Values) Vectors(WeightType type, int rows)
    {
        using var file = SafetensorsFile.Open(TestFiles.Data("vectors.safetensors"));
        var bytes = file.Bytes(file.Require($"{type}.bytes"));
        return (bytes[..(bytes.Length / 8 * rows)].ToArray(), file.Floats(file.Require($"{type}.values"))[..(rows * Columns)]);
    }

    private (byte[] Packed, TypeConversion Conversion) Pack(WeightType type, byte[] bytes, int rows)
    {
        var source = TestPlans.Save(_folder["m.gguf"], [("matrix", new SourceTensor(type, rows, Columns, bytes))]);
        var tensor = new PackedTensor(
            "Matrix", PackedLayouts.Of(type), rows, Columns, Interleaved: false,
            EquatableArray.Create(new PackedPart("matrix", rows, RowOrder.AsStored)), 0, 0);
        var plan = TestPlans.Of(source, [tensor]);
        var conversions = new List<TypeConversion>();
        Packer.Pack(plan, _folder["m.gguf"], _folder["m.kfw"], converted: conversions.Add).ShouldBeTrue();
        using (var file = GgufFile.Open(_folder["m.gguf"]))
            ConversionError.OfPlan(file, plan).ShouldBe(conversions);
        var weights = PackedFileVerifier.Verify(_folder["m.kfw"]).Single().Sections.Single(section => section.Name == "weights");
        return (File.ReadAllBytes(_folder["m.kfw"])[((int)weights.Offset + 64)..], conversions.Single());
    }

    /// <summary>Two summations of the same squares may differ in the last bits.</summary>
    private sealed class AlmostEqual : IEqualityComparer<TypeConversion>
    {
        public bool Equals(TypeConversion? x, TypeConversion? y) =>
            x! with { LargestError = 0 } == y! with { LargestError = 0 } && Math.Abs(x.LargestError - y.LargestError) <= 1e-9 * x.LargestError;

        public int GetHashCode(TypeConversion obj) => obj.Tensors;
    }
}
