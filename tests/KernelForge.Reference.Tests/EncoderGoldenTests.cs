using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>The float interpreter against what transformers computed for encoders in folders as they are published.</summary>
public class EncoderGoldenTests
{
    private const double Tolerance = 1e-4;

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("bert", "last_hidden_state", "pooler_output")]
    [InlineData("modernbert", "last_hidden_state")]
    public void ReproducesTheLargerSet(string name, params string[] outputs)
    {
        string Path(string file) => Repository.Golden($"checkpoints/{name}/{file}");
        using var folder = HuggingFaceFolder.Open(System.IO.Path.GetDirectoryName(Path("config.json"))!);
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        using var model = ModelSource.OpenSafetensors(Path("model.safetensors"));
        using var expected = SafetensorsFile.Open(Path("golden.safetensors"));
        var interpreter = new FloatInterpreter(result.Graph!, model.Values);
        var inputs = new GoldenCases(Path("golden.json"), Path("golden.safetensors")).Inputs();

        for (var i = 0; i < inputs.Length; i++)
        {
            var values = interpreter.Encode(inputs[i]);
            values.Keys.ShouldBe(outputs);
            foreach (var output in outputs)
            {
                var wanted = Array.ConvertAll(expected.Floats(expected.Require($"case{i}.{output}")), x => (double)x);
                Comparison.Relative(wanted, values[output].SelectMany(row => row)).ShouldBeLessThan(Tolerance, $"case {i}, {output}");
            }
        }
    }
}
