using KernelForge.Formats.HuggingFace;

namespace KernelForge.Formats.Tests.Checkpoints;

/// <summary>What is not read is refused by name, and tensors that do not belong together are named.</summary>
public class CheckpointProblemTests
{
    private const string Query = "model.layers.0.self_attn.q_proj.";

    [Theory]
    [InlineData("""{"quant_method": "bitsandbytes", "load_in_4bit": true}""", "'bitsandbytes'")]
    [InlineData("""{"quant_method": "aqlm"}""", "'aqlm'")]
    [InlineData("""{"bits": 4}""", "not named")]
    [InlineData("""{"quant_method": "gptq", "bits": 3, "group_size": 32}""", "GPTQ of 3 bits")]
    [InlineData("""{"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"}""", "'marlin'")]
    [InlineData("""{"quant_method": "gptq", "bits": 4, "dynamic": {"-:mlp": {}}}""", "settings of its own")]
    [InlineData("""{"quant_method": "awq", "bits": 4, "version": "gemv"}""", "'gemv'")]
    [InlineData("""{"quant_method": "awq", "bits": 4, "zero_point": false}""", "without zero points")]
    [InlineData("""{"quant_method": "awq", "bits": 3}""", "AWQ of 3 bits")]
    [InlineData("""{"quant_method": "compressed-tensors", "format": "marlin-24"}""", "'marlin-24'")]
    [InlineData("""{"quant_method": "compressed-tensors", "config_groups": {"a": {"format": "nvfp4-pack-quantized"}}}""", "'nvfp4-pack-quantized'")]
    [InlineData("""{"quant_method": "compressed-tensors", "sparsity_config": {"format": "sparse-24-bitmask"}}""", "'sparse-24-bitmask'")]
    [InlineData("""{"quant_method": "fp8", "fmt": "e5m2"}""", "'e5m2'")]
    [InlineData("""{"quant_method": "fp8", "weight_block_size": [128]}""", "weight_block_size")]
    public void Another_layout_is_refused_by_name(string quantization, string expected)
    {
        using var folder = CheckpointFolder.Llama("gptq4_sym", quantization);
        Should.Throw<ModelFormatException>(folder.Open).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("""{"bits": 4, "group_size": 64, "mode": "nvfp4"}""", "'nvfp4'")]
    [InlineData("""{"bits": 3, "group_size": 64}""", "MLX of 3 bits")]
    [InlineData("""{"bits": 4, "group_size": 0}""", "group_size")]
    [InlineData("""{"bits": 4, "group_size": 32}""", "q_proj.scales")]
    public void Another_kind_of_mlx_is_refused_by_name(string quantization, string expected)
    {
        using var folder = CheckpointFolder.Llama("mlx4", quantization);
        Should.Throw<ModelFormatException>(folder.Open).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("gptq4_sym", "qzeros")]
    [InlineData("gptq4_sym", "scales")]
    [InlineData("awq4_gemm", "qzeros")]
    [InlineData("ct_int4_asym", "weight_scale")]
    [InlineData("ct_int4_asym", "weight_shape")]
    [InlineData("deepseek_fp8", "weight_scale")]
    [InlineData("mlx4", "biases")]
    public void A_missing_part_is_named(string layout, string part)
    {
        using var folder = Folder(layout);
        folder.Tensors.RemoveAll(tensor => tensor.Name.StartsWith(Query + part, StringComparison.Ordinal));
        Should.Throw<ModelFormatException>(folder.Open).Message.ShouldContain(Query + part);
    }

    [Theory]
    [InlineData("gptq4_sym", "qzeros")]
    [InlineData("gptq4_sym", "scales")]
    [InlineData("gptq4_sym", "g_idx")]
    [InlineData("awq4_gemm", "scales")]
    [InlineData("ct_int4_asym", "weight_scale")]
    [InlineData("ct_int4_asym", "weight_zero_point")]
    [InlineData("deepseek_fp8", "weight_scale_inv")]
    [InlineData("mlx4", "biases")]
    public void A_part_of_another_size_is_named(string layout, string part)
    {
        using var folder = Folder(layout);
        folder.Change(Query + part, Halved);
        Should.Throw<ModelFormatException>(folder.Open).Message.ShouldContain(Query + part);
    }

    [Fact]
    public void An_input_of_a_group_that_does_not_exist_is_named()
    {
        using var folder = Folder("gptq4_act_order");
        folder.Change(Query + "g_idx", tensor => tensor with { Bytes = [255, .. tensor.Bytes[1..]] });
        Should.Throw<ModelFormatException>(folder.Open).Message.ShouldContain("input 0 is of group 255");
    }

    [Fact]
    public void A_model_that_is_called_symmetric_and_is_not_is_refused_when_it_is_read()
    {
        using var folder = CheckpointFolder.Llama("gptq4_asym", """{"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": true}""");
        using var model = folder.Open();
        var weight = model.FindWeight(Query + "weight")!;
        Should.Throw<ModelFormatException>(() => weight.Row(0, new byte[weight.RunBytes])).Message.ShouldContain("symmetric");
    }

    [Fact]
    public void A_scale_that_is_no_number_is_found()
    {
        using var folder = Folder("deepseek_fp8");
        folder.Change(Query + "weight_scale_inv", tensor => tensor with { Bytes = [0, 0, 0xC0, 0x7F, .. tensor.Bytes[4..]] });
        using var model = folder.Open();
        Should.Throw<ModelFormatException>(() => model.FindWeight(Query + "weight")!.Decode(0, new float[320])).Message.ShouldContain("not a number");
    }

    [Theory]
    [InlineData("ct_int4_sym", "q_proj.weight", "I8", "q_proj.weight_packed")]
    [InlineData("ct_int4_sym", "q_proj.weight", "F32", "q_proj.weight_packed")]
    [InlineData("gptq4_sym", "q_proj.norms.0.weight", "F32", "q_proj.qweight")]
    public void A_name_that_stands_for_two_tensors_is_refused(string layout, string added, string type, string beside)
    {
        using var folder = Folder(layout);
        var name = Query.Replace("q_proj.", added);
        folder.Tensors.Add(new CheckpointFolder.Tensor(name, type, [64, 256], new byte[(type == "I8" ? 1 : 4) * 64 * 256]));
        var message = Should.Throw<ModelFormatException>(folder.Open).Message;
        message.ShouldContain(name);
        message.ShouldContain(beside);
    }

    [Fact]
    public void Norms_of_heads_may_hold_what_is_no_number_where_that_is_allowed()
    {
        using var folder = Folder("gptq4_sym");
        folder.Tensors.Add(new CheckpointFolder.Tensor("q_layernorm.norms.0.weight", "F32", [2], [0, 0, 0xC0, 0x7F, 0, 0, 0, 0]));
        using (var model = folder.Open())
            Should.Throw<ModelFormatException>(() => model.FindWeight("q_layernorm.weight")!.Decode(0, new float[2])).Message.ShouldContain("not a number");
        using var allowed = HuggingFaceFolder.Open(folder.Path, allowNonFinite: true);
        var values = new float[2];
        allowed.FindWeight("q_layernorm.weight")!.Decode(0, values);
        values.ShouldBe([float.NaN, 0]);
    }

    // Half of its outermost dimension.
    private static CheckpointFolder.Tensor Halved(CheckpointFolder.Tensor tensor) =>
        tensor with { Shape = [tensor.Shape[0] / 2, .. tensor.Shape[1..]], Bytes = tensor.Bytes[..(tensor.Bytes.Length / 2)] };

    private static CheckpointFolder Folder(string layout) =>
        CheckpointFolder.Llama(layout, (string)CheckpointLayoutTests.Layouts.Single(row => (string)row[0] == layout)[1]);
}
