using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Graphs;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>The float interpreter against what transformers and llama.cpp computed for GGUF files.</summary>
public class GgufGoldenTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("llama")]
    [InlineData("llama_bias")]
    public void ReproducesTheLogits(string name)
    {
        using var model = ModelSource.OpenGguf(TestFiles.Data($"gguf/{name}.gguf"));
        var golden = new GoldenCases(TestFiles.Data($"gguf/{name}.golden.json"), TestFiles.Data($"gguf/{name}.golden.safetensors"));

        golden.WorstError(new FloatInterpreter(Graph(TestFiles.Data($"gguf/{name}.gguf")), model.Values)).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void ReproducesTheResidualStreamBeforeEveryLayer()
    {
        using var model = ModelSource.OpenGguf(TestFiles.Data("gguf/llama.gguf"));
        var golden = new GoldenCases(TestFiles.Data("gguf/llama.golden.json"), TestFiles.Data("gguf/llama.golden.safetensors"));
        var graph = Graph(TestFiles.Data("gguf/llama.gguf"));
        var streams = new List<double[][]>();
        var interpreter = new FloatInterpreter(graph, model.Values) { Observe = (node, value) => Note(graph, streams, node, value) };

        interpreter.Forward(golden.Inputs()[1]);

        var expected = golden.HiddenStates();
        streams.Count.ShouldBe(expected.Count);
        for (var layer = 0; layer < expected.Count; layer++)
            Comparison.Relative(expected[layer], streams[layer].SelectMany(row => row)).ShouldBeLessThan(Tolerance, $"before layer {layer}");
    }

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("gguf/cohere", "checkpoints/cohere/golden")]
    [InlineData("gguf/ernie4_5", "checkpoints/ernie4_5/golden")]
    [InlineData("gguf/gemma", "checkpoints/gemma/golden")]
    [InlineData("gguf/gemma2", "gguf/gemma2.golden")]
    [InlineData("gguf/gemma3", "gguf/gemma3.golden")]
    [InlineData("gguf/granite", "checkpoints/granite/golden")]
    [InlineData("gguf/hunyuan_dense", "checkpoints/hunyuan_dense/golden")]
    [InlineData("gguf/olmo2", "checkpoints/olmo2/golden")]
    [InlineData("gguf/qwen3", "checkpoints/qwen3/golden")]
    [InlineData("gguf/seed_oss", "checkpoints/seed_oss/golden")]
    [InlineData("gguf/smollm3", "checkpoints/smollm3/golden")]
    [InlineData("gguf/stablelm", "checkpoints/stablelm/golden")]
    [InlineData("gguf/starcoder2", "gguf/starcoder2.golden")]
    [InlineData("gguf/minicpm3", "checkpoints/minicpm3/golden")]
    [InlineData("gguf/lfm2", "checkpoints/lfm2/golden")]
    [InlineData("gguf/gpt_oss", "gguf/gpt_oss.golden")]
    [InlineData("gguf/granitemoe", "checkpoints/granitemoe/golden")]
    [InlineData("gguf/mixtral", "checkpoints/mixtral/golden")]
    [InlineData("gguf/olmoe", "gguf/olmoe.golden")]
    [InlineData("gguf/qwen2_moe", "checkpoints/qwen2_moe/golden")]
    [InlineData("gguf/qwen3_moe", "checkpoints/qwen3_moe/golden")]
    [InlineData("gguf/llama_yarn", "checkpoints/llama_yarn/golden")]
    [InlineData("gguf/mistral", "gguf/mistral.golden")]
    [InlineData("gguf-quantized/llama_wide-Q8_0", "gguf-quantized/llama_wide-Q8_0.golden")]
    [InlineData("gguf-quantized/llama_wide-Q4_0", "gguf-quantized/llama_wide-Q4_0.golden")]
    [InlineData("gguf-quantized/llama_wide-Q4_1", "gguf-quantized/llama_wide-Q4_1.golden")]
    [InlineData("gguf-quantized/llama_wide-Q4_K_M", "gguf-quantized/llama_wide-Q4_K_M.golden")]
    [InlineData("gguf-quantized/llama_wide-Q6_K", "gguf-quantized/llama_wide-Q6_K.golden")]
    [InlineData("gguf-quantized/llama_wide-IQ4_NL", "gguf-quantized/llama_wide-IQ4_NL.golden")]
    public void ReproducesTheLargerSet(string model, string logits)
    {
        var path = Repository.Golden(model + ".gguf");
        using var source = ModelSource.OpenGguf(path);
        var golden = new GoldenCases(Repository.Golden(model + ".golden.json"), Repository.Golden(logits + ".safetensors"));

        golden.WorstError(new FloatInterpreter(Graph(path), source.Values)).ShouldBeLessThan(Tolerance);
    }

    internal static ModelGraph Graph(string path)
    {
        var result = PlanCompiler.BuildGraph(Describer.Describe(path));
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        return result.Graph!;
    }

    /// <summary>A layer's stream is what its first norm reads: the embedding or the sum before it; after the last layer the final norm's own value.</summary>
    private static void Note(ModelGraph graph, List<double[][]> streams, Node node, double[][] value)
    {
        var isStream = node is EmbeddingNode or AddNode;
        var opensLayer = isStream && graph.Nodes.Any(next => next is NormNode && next.Layer == streams.Count && next.Inputs.Contains(node.Id));
        var isFinal = node is NormNode && node.Id == graph.Nodes[^2].Id;
        if (opensLayer || isFinal)
            streams.Add(value);
    }
}
