using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary><c>kforge quantize</c> on small models: what is written can be used, is near the original and within its budget; what cannot be done leaves nothing.</summary>
[Collection("kforge")]
public class QuantizeTests(Kforge kforge)
{
    private const string Ids = "1,2,3,4,5,6,7,8";

    private static readonly ModelShape Shape = new()
    {
        Vocabulary = 120, Width = 64, Hidden = 96, Layers = 2, Heads = 4, KeyValueHeads = 2, HeadSize = 16, RotaryDimension = 16, Context = 200, Window = 0,
        Scaling = RandomScaling.Default, Tied = false, AttentionBias = true, OtherBiases = false, Types = [WeightType.F16],
    };

    [Theory]
    [InlineData("int4", false, 0.3)]
    [InlineData("int4", true, 0.5)] // nearest on texts like the one it was calibrated with, which these ids are not
    [InlineData("int8", false, 0.03)]
    public void A_file_is_quantized_and_its_logits_are_near(string weights, bool isCalibrated, double most)
    {
        var model = Model();
        var output = kforge[$"{weights}-{isCalibrated}.gguf"];
        var table = Quantize([model, "-o", output, "--weights", weights, .. isCalibrated ? new[] { "--calibrate", Text(), "--calibration-tokens", "64" } : []]);
        table.ShouldContain(weights == "int4" ? "Q4_" : "Q8_0");
        (table.Contains("perplexity"), table.Contains("KL divergence")).ShouldBe((isCalibrated, isCalibrated));
        new FileInfo(output).Length.ShouldBeLessThan(new FileInfo(model).Length);

        Run("inspect", output);
        Comparison.Relative(Logits(model), Logits(output)).ShouldBeLessThan(most);
    }

    [Fact]
    public void Metadata_and_alignment_stay_and_the_type_of_the_file_is_said()
    {
        var (model, output) = (Model(), kforge["metadata.gguf"]);
        Quantize(model, "-o", output, "--weights", "int8");
        using var before = GgufFile.Open(model);
        using var after = GgufFile.Open(output);
        after.Alignment.ShouldBe(before.Alignment);
        after.Tensors.Select(tensor => tensor.Name).ShouldBe(before.Tensors.Select(tensor => tensor.Name));
        after.Require("general.file_type").Integer().ShouldBe(7);
        after.Require("general.quantization_version").Integer().ShouldBe(2);
        var described = Describer.Describe(after).Metadata.Where(entry => entry.Key is not ("general.file_type" or "general.quantization_version"));
        described.ShouldBe(Describer.Describe(before).Metadata.AsEnumerable());
        Run("tokenize", output, "a b").ShouldBe(Run("tokenize", model, "a b"));
        foreach (var tensor in after.Tensors.Where(tensor => tensor.Type.Name == "F32"))
            after.Bytes(tensor).SequenceEqual(before.Bytes(before.FindTensor(tensor.Name)!)).ShouldBeTrue();
    }

    [Fact]
    public void A_folder_becomes_a_folder()
    {
        var (model, output) = (Folder("folder"), kforge["folder-int4"]);
        Quantize(model, "-o", output, "--weights", "int4");
        Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["config.json", "model.safetensors", "notes.txt"]);
        using (var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(output, "config.json"))))
            config.RootElement.GetProperty("quantization_config").GetProperty("quant_method").GetString().ShouldBe("compressed-tensors");
        Run("inspect", output);
        Comparison.Relative(Logits(model), Logits(output)).ShouldBeLessThan(0.3);
        Refused("already", output, "-o", kforge["twice"], "--weights", "int4");
        Refused("something in it", model, "-o", output, "--weights", "int8");
    }

    [Fact]
    public void The_size_is_kept_and_what_cannot_be_is_refused()
    {
        var model = Model();
        var full = new FileInfo(model).Length;
        var sizes = new[] { 0.45, 0.6, 0.9 }.Select(share =>
        {
            var (output, most) = (kforge[$"size-{share}.gguf"], (long)(full * share));
            Quantize(model, "-o", output, "--weights", "int4", "--target-size", $"{most}");
            var size = new FileInfo(output).Length;
            size.ShouldBeLessThanOrEqualTo(most);
            return size;
        }).ToArray();
        sizes.ShouldBe(sizes.Order());
        sizes[2].ShouldBeGreaterThan(sizes[0]);
        Refused("at least", model, "-o", kforge["none.gguf"], "--weights", "int4", "--target-size", "1kB");
    }

    [Fact]
    public void The_loss_is_bounded_and_the_page_says_so()
    {
        var (model, output, page) = (Model(), kforge["loss.gguf"], kforge["loss.html"]);
        string[] measured = ["--weights", "int4", "--calibrate", Text(), "--calibration-tokens", "64"];
        Divergence(Quantize([model, "-o", kforge["unbounded.gguf"], .. measured])).ShouldBeGreaterThan(1e-4);
        Divergence(Quantize([model, "-o", output, .. measured, "--max-loss", "1e-4", "--report", page])).ShouldBeLessThanOrEqualTo(1e-4);
        new FileInfo(output).Length.ShouldBeGreaterThan(new FileInfo(model).Length / 3);
        var html = File.ReadAllText(page);
        html.ShouldContain("blk.1.ffn_down.weight");
        html.ShouldContain("KL divergence");
        html.ShouldContain("error of outputs");
    }

    [Fact]
    public void What_means_nothing_is_refused_before_the_work()
    {
        var model = Model();
        Refused("needs a size", model, "-o", kforge["x.gguf"], "--weights", "int4", "--target-size", "much");
        Refused("int4 and int8", model, "-o", kforge["x.gguf"], "--weights", "int5");
        Refused("--calibrate", model, "-o", kforge["x.gguf"], "--weights", "int4", "--max-loss", "1");
        Refused("no such file", model, "-o", kforge["x.gguf"], "--weights", "int4", "--calibrate", kforge["no.txt"]);
        Refused("fewest", model, "-o", kforge["x.gguf"], "--weights", "int4", "--calibrate", kforge.Write("short.txt", "a"u8.ToArray()));
        Refused("the model itself", model, "-o", model, "--weights", "int4");
        Refused("above 0", model, "-o", kforge["x.gguf"], "--weights", "int4", "--max-loss", "-1");
        Refused("already", Repository.SmolLM2, "-o", kforge["x.gguf"], "--weights", "int4");
    }

    // The copy's, after that of the original from itself.
    private static double Divergence(string table)
    {
        var row = Regex.Match(table, @"KL divergence, nats a token\W+(?<before>[0-9.]+)\W+(?<after>[0-9.]+)", RegexOptions.None, TimeSpan.FromSeconds(5));
        row.Success.ShouldBeTrue(table);
        row.Groups["before"].Value.ShouldBe("0.000000");
        return double.Parse(row.Groups["after"].Value, CultureInfo.InvariantCulture);
    }

    private string Model()
    {
        var path = kforge["floats.gguf"];
        if (!File.Exists(path))
            RandomModel.Create(5, Shape).Save(kforge.Folder, "floats.gguf");
        return path;
    }

    private string Text() => kforge.Write("calibration.txt", System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => (char)('a' + (i * i % 23))))));

    /// <summary>A folder in the layout of its authors, with random weights.</summary>
    private string Folder(string name)
    {
        const int width = 64, hidden = 96, vocabulary = 100;
        var folder = kforge[name];
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "copied");
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":{{vocabulary}},"hidden_size":{{width}},"intermediate_size":{{hidden}},"num_hidden_layers":1,
             "num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":128,"rms_norm_eps":1e-5,"rope_theta":10000.0,"hidden_act":"silu","tie_word_embeddings":false}
            """);
        var random = new Random(9);
        (string, long[], float[]) Matrix(string tensor, int rows, int columns) => ($"model.{tensor}.weight", [rows, columns], [.. Enumerable.Range(0, rows * columns).Select(_ => (float)((random.NextDouble() - 0.5) * 0.4))]);
        (string, long[], float[]) Norm(string tensor) => ($"model.{tensor}.weight", [width], [.. Enumerable.Repeat(1f, width)]);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"), Matrix("embed_tokens", vocabulary, width), Norm("layers.0.input_layernorm"), Matrix("layers.0.self_attn.q_proj", width, width),
            Matrix("layers.0.self_attn.k_proj", width / 2, width), Matrix("layers.0.self_attn.v_proj", width / 2, width), Matrix("layers.0.self_attn.o_proj", width, width),
            Norm("layers.0.post_attention_layernorm"), Matrix("layers.0.mlp.gate_proj", hidden, width), Matrix("layers.0.mlp.up_proj", hidden, width),
            Matrix("layers.0.mlp.down_proj", width, hidden), Norm("norm"), Matrix("lm_head", vocabulary, width) with { Item1 = "lm_head.weight" });
        return folder;
    }

    // By the float interpreter: what differs is the weights alone.
    private IEnumerable<double> Logits(string model)
    {
        Run("logits", model, "--ids", Ids, "--reference", "--out", kforge["quantize.safetensors"]);
        using var file = SafetensorsFile.Open(kforge["quantize.safetensors"]);
        return Array.ConvertAll(file.Floats(file.Require("logits")), value => (double)value);
    }

    private static string Quantize(params string[] args) => Run(["quantize", .. args]);

    private static string Run(params string[] args)
    {
        var (code, output, error) = Kforge.Run(args);
        code.ShouldBe(0, error);
        return output;
    }

    private void Refused(string message, params string[] args)
    {
        var before = Directory.GetFileSystemEntries(kforge.Folder);
        var (code, _, error) = Kforge.Run(["quantize", .. args]);
        code.ShouldBeGreaterThan(0);
        error.ShouldContain(message);
        error.ShouldNotContain("defect of kforge");
        Directory.GetFileSystemEntries(kforge.Folder).ShouldBe(before, ignoreOrder: true);
    }
}
