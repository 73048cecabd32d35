using System.Runtime.InteropServices;
using KernelForge.Compilation;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Packing;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Tests.Checkpoints;

/// <summary>Folders of quantized models: every matrix has the values that its layout's formula gives, bit for bit, and runs close to them.</summary>
public class CheckpointLayoutTests
{
    private const string Compressed = """{"quant_method": "compressed-tensors", "format": "FORMAT", "config_groups": {"group_0": {"weights": {"num_bits": 4}}}}""";

    /// <summary>The layout, what the configuration says, the type that it runs as, and the largest relative error of that.</summary>
    public static TheoryData<string, string, WeightType, double> Layouts => new()
    {
        { "gptq4_sym", """{"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": true, "desc_act": false}""", WeightType.Q4_0, 0 },
        { "gptq4_asym", """{"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": false}""", WeightType.Q4_1, 5e-4 },
        { "gptq4_act_order", """{"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": false, "desc_act": true}""", WeightType.F16, 3e-4 },
        { "gptq4_v2", """{"quant_method": "gptq", "bits": 4, "group_size": 32, "checkpoint_format": "gptq_v2", "dynamic": {}}""", WeightType.Q4_1, 5e-4 },
        { "gptq8_sym", """{"quant_method": "gptq", "bits": 8, "group_size": 32, "sym": true}""", WeightType.Q8_0, 0 },
        { "awq4_gemm", """{"quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm", "zero_point": true}""", WeightType.Q4_1, 5e-4 },
        { "ct_int4_sym", Compressed.Replace("FORMAT", "pack-quantized", StringComparison.Ordinal), WeightType.Q4_0, 1e-7 },
        { "ct_int4_asym", Compressed.Replace("FORMAT", "pack-quantized", StringComparison.Ordinal), WeightType.Q4_1, 5e-4 },
        { "ct_int8_packed", Compressed.Replace("FORMAT", "pack-quantized", StringComparison.Ordinal), WeightType.Q8_0, 1e-7 },
        { "ct_int8_channel", Compressed.Replace("FORMAT", "int-quantized", StringComparison.Ordinal), WeightType.Q8_0, 1e-7 },
        { "ct_fp8_channel", Compressed.Replace("FORMAT", "float-quantized", StringComparison.Ordinal), WeightType.F16, 3e-4 },
        { "ct_fp8_tensor", Compressed.Replace("FORMAT", "naive-quantized", StringComparison.Ordinal), WeightType.F16, 3e-4 },
        { "mlx4", """{"group_size": 64, "bits": 4}""", WeightType.Q4_1, 5e-4 },
        { "mlx4_f16_g32", """{"group_size": 32, "bits": 4, "model.embed_tokens": false}""", WeightType.Q4_1, 5e-4 },
        { "mlx8", """{"group_size": 64, "bits": 8, "mode": "affine"}""", WeightType.F16, 3e-4 },
        { "deepseek_fp8", """{"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}""", WeightType.F16, 3e-4 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_matrix_has_the_values_of_its_layout(string layout, string quantization, WeightType runType, double bound)
    {
        using var folder = CheckpointFolder.Llama(layout, quantization);
        using var model = folder.Open();

        var weight = model.FindWeight("model.layers.0.self_attn.q_proj.weight").ShouldNotBeNull();

        weight.RunType.ShouldBe(runType);
        ShouldHaveValues(weight, layout, bound);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_model_compiles_as_if_its_matrices_were_stored_as_they_run(string layout, string quantization, WeightType runType, double bound)
    {
        using var folder = CheckpointFolder.Llama(layout, quantization);
        using var model = folder.Open();

        var result = PlanCompiler.Compile(model.Manifest, new());

        result.Problems.ShouldBeEmpty();
        model.Manifest.FindTensor("model.layers.0.mlp.up_proj.weight")!.Type.ShouldBe((int)runType);
        var conversion = ConversionError.OfPlan(model, result.Plan!).ShouldHaveSingleItem();
        (conversion.To, conversion.Tensors).ShouldBe((runType, 5));
        conversion.LargestError.ShouldBeLessThanOrEqualTo(bound);
        var packed = new List<TypeConversion>();
        using var output = new ScratchFolder();
        Packer.Pack(result.Plan!, folder.Path, output["m.kfw"], converted: packed.Add).ShouldBeTrue();
        packed.ShouldHaveSingleItem().ShouldBe(conversion with { LargestError = packed[0].LargestError, Worst = packed[0].Worst });
        packed[0].LargestError.ShouldBe(conversion.LargestError, (1e-9 * conversion.LargestError) + 1e-99, "summed in another order");
    }

    [Fact]
    public void Folders_that_differ_in_weights_alone_are_different_models()
    {
        using var folder = CheckpointFolder.Llama("mlx8", """{"group_size": 64, "bits": 8}""");
        string Stamp()
        {
            using var model = folder.Open();
            return model.Manifest.Source.Stamp;
        }

        var before = Stamp();
        Stamp().ShouldBe(before);
        folder.Change("model.layers.0.mlp.down_proj.weight", tensor => tensor with { Bytes = [.. tensor.Bytes[..^1], 0x41] });
        Stamp().ShouldNotBe(before);
    }

    [Fact]
    public void Experts_of_gpt_oss_are_rows_one_after_another()
    {
        using var folder = CheckpointFolder.Single("gpt_oss_mxfp4", """{"quant_method": "mxfp4", "modules_to_not_convert": []}""", "model.layers.0.mlp.experts.gate_up_proj_");
        using var model = folder.Open();

        var weight = model.FindWeight("model.layers.0.mlp.experts.gate_up_proj").ShouldNotBeNull();

        model.Manifest.Tensors.ShouldHaveSingleItem().Shape.ShouldBe([2, 32, 128]);
        weight.RunType.ShouldBe(WeightType.Q8_0);
        ShouldHaveValues(weight, "gpt_oss_mxfp4", 0, firstRun: 1);

        // 2^125 is a scale of its first row: the values are read, and cannot be run.
        Should.Throw<ModelFormatException>(() => weight.Row(0, new byte[weight.RunBytes])).Message.ShouldContain("beyond the range of binary16");
    }

    private static void ShouldHaveValues(WeightTensor weight, string layout, double bound, int firstRun = 0)
    {
        using var reference = CheckpointFolder.Reference();
        var expected = reference.Floats(reference.Require(layout + ".values"));
        (weight.Rows * weight.Columns).ShouldBe(expected.Length);
        var (stored, run) = (new float[weight.Columns], new float[weight.Columns]);
        var scratch = new byte[weight.RunBytes];
        var sum = default(ErrorSum);
        for (var row = 0; row < weight.Rows; row++)
        {
            weight.Decode(row, stored);
            Bits(stored).ShouldBe(Bits(expected.AsSpan(row * weight.Columns, weight.Columns)), $"row {row}");
            if (row < firstRun)
                continue;
            TensorDecoder.Decode(weight.RunType, weight.Row(row, scratch), run);
            sum += ErrorSum.Of(stored, run);
        }
        sum.Relative.ShouldBeLessThanOrEqualTo(bound);
    }

    private static uint[] Bits(Span<float> values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
