using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary>The commands on a small random encoder, and those that are for decoders only.</summary>
[Collection("kforge")]
public class EncoderTests(Kforge kforge)
{
    private readonly string _model = File.Exists(kforge["encoder.gguf"]) ? kforge["encoder.gguf"] : RandomEncoder.Create(5).Save(kforge.Folder);

    [Fact]
    public void States_of_the_generated_code_are_near_the_reference()
    {
        Run("logits", _model, "--ids", "2,7,9,30,3", "--out", kforge["states.safetensors"], "--activations", "float");
        Run("logits", _model, "--ids", "2,7,9,30,3", "--out", kforge["expected.safetensors"], "--reference");

        var (actual, expected) = (Floats("states.safetensors", "last_hidden_state"), Floats("expected.safetensors", "last_hidden_state"));
        var largest = expected.Max(Math.Abs);
        actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(2e-4f * largest);
    }

    [Fact]
    public void A_text_is_embedded_with_the_tokens_around_it()
    {
        using var tokens = JsonDocument.Parse(Run("tokenize", _model, "ab c", "--json"));
        int[] inner = [.. tokens.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        var text = Embed("embed", _model, "ab c", "--json");
        var ids = Embed("embed", _model, "--ids", $"2,{string.Join(',', inner)},3", "--json");

        text.Tokens.ShouldBe([inner.Length + 2]);
        text.Embeddings.ShouldBe(ids.Embeddings);
    }

    [Fact]
    public void Lines_of_a_file_are_texts()
    {
        File.WriteAllText(kforge["lines.txt"], "ab c\r\n\n  \nba\n");
        Run("embed", _model, "--file", kforge["lines.txt"], "--out", kforge["vectors.safetensors"], "--pooling", "first", "--normalize");

        var expected = Embed("embed", _model, "ab c", "ba", "--json", "--pooling", "first", "--normalize");
        Floats("vectors.safetensors", "embeddings").ShouldBe(expected.Embeddings.SelectMany(vector => vector));
        expected.Embeddings[1].Sum(x => x * x).ShouldBe(1f, 1e-5f);
    }

    [Fact]
    public void Without_json_every_vector_is_a_line()
    {
        var lines = Run("embed", _model, "ab", "c").Trim().Split('\n');
        lines.Length.ShouldBe(2);
        lines[0].Split(' ').Length.ShouldBe(Embed("embed", _model, "ab", "--json").Embeddings[0].Length);
    }

    [Fact]
    public void Inspect_and_emit_know_encoders()
    {
        Run("inspect", _model, "--plan").ShouldContain("keys and values of a layer");
        Run("emit", _model, "-o", kforge["encoder-code"], "--instruction-set", "Portable");
        File.ReadAllText(Path.Combine(kforge["encoder-code"], "Model.g.cs")).ShouldContain("partial class Model : global::KernelForge.EmbeddingModel");
    }

    [Theory]
    [InlineData("run", "-p", "text")]
    [InlineData("generate", "--ids", "1")]
    [InlineData("bench", "-n", "1")]
    public void What_only_decoders_do_is_refused_with_what_encoders_do(string command, params string[] arguments) =>
        Refuse([command, _model, .. arguments]).ShouldContain("kforge embed");

    [Fact]
    public void A_decoder_gives_no_vectors() => Refuse("embed", kforge.Model("random.gguf"), "text").ShouldContain("is a decoder");

    [Fact]
    public void Texts_come_from_one_place()
    {
        Refuse("embed", _model).ShouldContain("one of the three");
        Refuse("embed", _model, "text", "--ids", "1").ShouldContain("one of the three");
        Refuse("embed", _model, "text", "--json", "--out", kforge["x.safetensors"]).ShouldContain("--json and --out");
        Refuse("embed", _model, "text", "--pooling", "pooler").ShouldContain("no pooler");
        Refuse("embed", _model, "--ids", "1,100000").ShouldContain("not in the vocabulary");
    }

    private static (float[][] Embeddings, int[] Tokens) Embed(params string[] args)
    {
        using var answer = JsonDocument.Parse(Run(args));
        return (
            [.. answer.RootElement.GetProperty("embeddings").EnumerateArray().Select(vector => vector.EnumerateArray().Select(x => x.GetSingle()).ToArray())],
            [.. answer.RootElement.GetProperty("tokens").EnumerateArray().Select(count => count.GetInt32())]);
    }

    private float[] Floats(string file, string tensor)
    {
        using var read = SafetensorsFile.Open(kforge[file]);
        return read.Floats(read.Require(tensor));
    }

    private static string Refuse(params string[] args)
    {
        var (code, _, error) = Kforge.Run(args);
        code.ShouldBe(1, error);
        return error;
    }

    private static string Run(params string[] args)
    {
        var (code, output, error) = Kforge.Run(args);
        code.ShouldBe(0, error);
        return output;
    }
}
