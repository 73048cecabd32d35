using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>The float interpreter against what transformers computed for model folders as they are published.</summary>
public class HuggingFaceGoldenTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("llama_yarn")]
    [InlineData("mistral")]
    public void ReproducesTheLogits(string name) => Check(file => TestFiles.Data($"checkpoints/{name}/{file}"));

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("cohere")]
    [InlineData("cohere2")]
    [InlineData("ernie4_5")]
    [InlineData("exaone4")]
    [InlineData("gemma")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("glm")]
    [InlineData("glm4")]
    [InlineData("gpt2")]
    [InlineData("gpt_neox")]
    [InlineData("granite")]
    [InlineData("hunyuan_dense")]
    [InlineData("llama")]
    [InlineData("llama_bias")]
    [InlineData("olmo2")]
    [InlineData("phi")]
    [InlineData("phi3")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("seed_oss")]
    [InlineData("smollm3")]
    [InlineData("stablelm")]
    [InlineData("starcoder2")]
    [InlineData("deepseek_v2")]
    [InlineData("deepseek_v3")]
    [InlineData("minicpm3")]
    [InlineData("lfm2")]
    [InlineData("llama4")]
    [InlineData("dots1")]
    [InlineData("ernie4_5_moe")]
    [InlineData("glm4_moe")]
    [InlineData("gpt_oss")]
    [InlineData("granitemoe")]
    [InlineData("hunyuan_moe")]
    [InlineData("mixtral")]
    [InlineData("olmoe")]
    [InlineData("phimoe")]
    [InlineData("qwen2_moe")]
    [InlineData("qwen3_moe")]
    public void ReproducesTheLargerSet(string name) => Check(file => Repository.Golden($"checkpoints/{name}/{file}"));

    private static void Check(Func<string, string> path)
    {
        var weights = path("model.safetensors");
        using var folder = HuggingFaceFolder.Open(Path.GetDirectoryName(weights)!);
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        using var model = ModelSource.OpenSafetensors(weights);

        var golden = new GoldenCases(path("golden.json"), path("golden.safetensors"));

        golden.WorstError(new FloatInterpreter(result.Graph!, model.Values)).ShouldBeLessThan(Tolerance);
    }
}
