using System.Globalization;
using System.Text.Json;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Cli.Tests;

/// <summary>Every command on a small random model, the whole way: generated, compiled, packed, run.</summary>
[Collection("kforge")]
public class CommandTests(Kforge kforge)
{
    private const string Ids = "3,1,4,1,5,9,2,6";
    private readonly string _model = kforge.Model("random.gguf");

    [Fact]
    public void Logits_of_the_generated_code_are_near_the_reference()
    {
        Run("logits", _model, "--ids", Ids, "--out", kforge["generated.safetensors"], "--activations", "float", "--kv", "f32");
        Run("logits", _model, "--ids", Ids, "--out", kforge["reference.safetensors"], "--reference");

        using var generated = SafetensorsFile.Open(kforge["generated.safetensors"]);
        using var reference = SafetensorsFile.Open(kforge["reference.safetensors"]);
        generated.Require("logits").Shape.ShouldBe(reference.Require("logits").Shape);
        var (actual, expected) = (generated.Floats(generated.Require("logits")), reference.Floats(reference.Require("logits")));
        var largest = expected.Max(Math.Abs);
        actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-4f * largest);
    }

    [Fact]
    public void Generate_prints_as_many_ids_as_asked_for()
    {
        using var answer = JsonDocument.Parse(Run("generate", _model, "--ids", Ids, "--max-tokens", "5", "--json"));
        answer.RootElement.GetProperty("ids").GetArrayLength().ShouldBe(5);
    }

    [Fact]
    public void Tokenize_gives_pieces_that_are_the_text()
    {
        using var answer = JsonDocument.Parse(Run("tokenize", _model, "ab cab", "--json"));
        string.Concat(answer.RootElement.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString())).ShouldBe("ab cab");
    }

    [Fact]
    public void Eval_reports_a_finite_perplexity()
    {
        File.WriteAllText(kforge["text.txt"], string.Concat(Enumerable.Repeat("the cat sat on a mat. ", 20)));
        using var answer = JsonDocument.Parse(Run("eval", _model, "--text", kforge["text.txt"], "--window", "64", "--json"));
        answer.RootElement.GetProperty("perplexity").GetDouble().ShouldBeInRange(1, 1e6);
    }

    [Fact]
    public void Bench_measures_the_halves_that_were_asked_for()
    {
        using var answer = JsonDocument.Parse(Run("bench", _model, "-p", "0", "-n", "4", "-t", "2", "-r", "2", "--batch", "3", "--json"));
        answer.RootElement.GetProperty("decodeTokensPerSecond").GetDouble().ShouldBeGreaterThan(0);
        answer.RootElement.GetProperty("roofGigabytesPerSecond").GetDouble().ShouldBeGreaterThan(0);
        answer.RootElement.TryGetProperty("prefillTokensPerSecond", out _).ShouldBeFalse();
    }

    [Fact]
    public void Bench_counts_what_is_read_of_a_session()
    {
        long Read(int depth)
        {
            using var answer = JsonDocument.Parse(Run("bench", _model, "-p", "0", "-n", "2", "-t", "1", "-r", "1", "--depth", depth.ToString(CultureInfo.InvariantCulture), "--json"));
            answer.RootElement.GetProperty("depth").GetInt32().ShouldBe(depth);
            return answer.RootElement.GetProperty("sessionBytesPerToken").GetInt64();
        }

        Read(59).ShouldBe(Read(29) * 2);
    }

    [Fact]
    public void Bench_times_every_step_of_the_plan()
    {
        using var answer = JsonDocument.Parse(Run("bench", _model, "--kernels", "-p", "40", "-n", "4", "-t", "2", "-r", "1", "--json"));
        foreach (var half in new[] { "decode", "prefill" })
        {
            var steps = answer.RootElement.GetProperty(half).EnumerateArray().ToArray();
            steps.Select(step => step.GetProperty("step").GetString()).ShouldBeSubsetOf(["Embedding", "AttentionNorm", "QueryKeyValue", "Cache", "Attention", "AttentionOutput", "FeedForwardNorm", "GateUp", "Down", "Select", "FinalNorm", "Logits", "Barriers"]);
            steps.ShouldAllBe(step => step.GetProperty("microseconds").GetDouble() > 0);
            steps.Select(step => step.GetProperty("microseconds").GetDouble()).ShouldBeInOrder(SortDirection.Descending);
            steps.Single(step => step.GetProperty("step").GetString() == "GateUp").GetProperty("gigaOperationsPerSecond").GetDouble().ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void Inspect_shows_model_plan_and_passes()
    {
        var report = Run("inspect", _model, "--passes", "--plan");
        report.ShouldContain("llama.block_count");
        report.ShouldContain("instruction set here");
        report.ShouldContain("memory map");
        report.ShouldContain("== ");
    }

    [Fact]
    public void Emit_writes_one_file_an_instruction_set()
    {
        Run("emit", _model, "-o", kforge["emitted"], "--class", "Acme.Tiny", "--instruction-set", "Avx2", "Portable");
        Directory.GetFiles(kforge["emitted"]).Count(file => File.ReadAllText(file).Contains("class Tiny", StringComparison.Ordinal)).ShouldBeGreaterThan(1);
    }

    [Fact]
    public void What_is_packed_verifies_and_damage_is_found()
    {
        Run("pack", _model, "-o", kforge["random.kfw"]);
        Run("verify", kforge["random.kfw"]).ShouldContain("weights");
        var bytes = File.ReadAllBytes(kforge["random.kfw"]);
        bytes[^5000] ^= 4;
        File.WriteAllBytes(kforge["random.kfw"], bytes);

        var (code, _, error) = Kforge.Run("verify", kforge["random.kfw"]);
        code.ShouldBe(1);
        error.ShouldContain("random.kfw");
    }

    private static string Run(params string[] args)
    {
        var (code, output, error) = Kforge.Run(args);
        code.ShouldBe(0, error);
        return output;
    }
}
