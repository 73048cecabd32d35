using System.Text.Json;
using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>The float interpreter against what transformers computed for models that read a text, a sound or an image's states besides their own tokens.</summary>
[Trait("Category", "Long")]
public class EncoderDecoderGoldenTests
{
    private const double Tolerance = 1e-4;
    private const double LeastMargin = 1e-3;

    [SkippableTheory]
    [InlineData("bart")]
    [InlineData("mllama_text")]
    [InlineData("t5")]
    [InlineData("whisper")]
    public void ReproducesLogitsAndAnswers(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden($"checkpoints/{name}/golden.json")));
        using var expected = SafetensorsFile.Open(Repository.Golden($"checkpoints/{name}/golden.safetensors"));
        using var folder = HuggingFaceFolder.Open(Repository.Golden($"checkpoints/{name}"));
        using var source = ModelSource.OpenSafetensors(Repository.Golden($"checkpoints/{name}/model.safetensors"));
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        var (graph, index) = (result.Graph!, 0);
        foreach (var golden in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            var interpreter = new FloatInterpreter(graph, Remembered(source)) { Inputs = Inputs(graph, golden, expected) };
            var tokens = Ids(golden, "input_ids").ToList();
            var logits = Array.ConvertAll(expected.Floats(expected.Require($"case{index}.logits")), x => (double)x);
            Comparison.Relative(logits, interpreter.Forward(tokens).SelectMany(row => row)).ShouldBeLessThan(Tolerance, $"case {index}");

            var margins = golden.GetProperty("greedy_margin").EnumerateArray().Select(margin => margin.GetDouble()).ToArray();
            foreach (var (best, step) in Ids(golden, "greedy").Select((id, step) => (id, step)).TakeWhile(answer => margins[answer.step] > LeastMargin))
            {
                var row = interpreter.Forward(tokens, [tokens.Count - 1])[0];
                Array.IndexOf(row, row.Max()).ShouldBe(best, $"case {index}, step {step}");
                tokens.Add(best);
            }

            index++;
        }

        index.ShouldBe(3);
    }

    [SkippableFact]
    public void ReproducesTheStatesOfAnImage()
    {
        using var expected = SafetensorsFile.Open(Repository.Golden("checkpoints/siglip_vision/golden.safetensors"));
        using var folder = HuggingFaceFolder.Open(Repository.Golden("checkpoints/siglip_vision"));
        using var source = ModelSource.OpenSafetensors(Repository.Golden("checkpoints/siglip_vision/model.safetensors"));
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        var inputs = Given(new ModelInputs(), result.Graph!.Input, expected);

        var states = new FloatInterpreter(result.Graph!, source.Values) { Inputs = inputs }.Encode([]);

        states.Keys.ShouldBe(["last_hidden_state", "pooler_output"]);
        foreach (var (name, rows) in states)
            Comparison.Relative(Array.ConvertAll(expected.Floats(expected.Require(name)), x => (double)x), rows.SelectMany(row => row)).ShouldBeLessThan(Tolerance, name);
    }

    private static ModelInputs Inputs(ModelGraph graph, JsonElement golden, SafetensorsFile expected)
    {
        var input = graph.Parts[0].Input;
        return input is GraphInput.Tokens ? new ModelInputs().Add(input.Name, Ids(golden, input.Name)) : Given(new ModelInputs(), input, expected);
    }

    internal static ModelInputs Given(ModelInputs inputs, GraphInput input, SafetensorsFile file)
    {
        var tensor = file.Require(input.Name);
        return inputs.Add(input, [.. tensor.Shape], file.Floats(tensor));
    }

    // A step of an answer reads all weights again.
    private static Func<string, float[]> Remembered(ModelSource source)
    {
        var values = new Dictionary<string, float[]>();
        return name => values.TryGetValue(name, out var known) ? known : values[name] = source.Values(name);
    }

    private static int[] Ids(JsonElement golden, string key) => [.. golden.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
