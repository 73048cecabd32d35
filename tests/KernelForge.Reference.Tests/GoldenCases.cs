using System.Text.Json;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Reference.Tests;

/// <summary>Inputs of a reference model and the logits the reference implementation computed for them.</summary>
internal sealed class GoldenCases(string jsonPath, string safetensorsPath)
{
    /// <summary>The worst error over all cases, as a share of the largest logit; a first differing layer is named where hidden states are recorded.</summary>
    public double WorstError(FloatInterpreter interpreter)
    {
        using var file = SafetensorsFile.Open(safetensorsPath);
        var worst = 0.0;
        var inputs = Inputs();
        for (var i = 0; i < inputs.Length; i++)
        {
            var expected = file.Floats(file.Require($"case{i}.logits"));
            var actual = interpreter.Forward(inputs[i]);
            worst = Math.Max(worst, Comparison.Relative(Array.ConvertAll(expected, x => (double)x), actual.SelectMany(row => row)));
        }

        return worst;
    }

    /// <summary>The recorded residual streams of case 1: before layer 0, before layer 1, ..., after the final norm.</summary>
    public IReadOnlyList<double[]> HiddenStates()
    {
        using var file = SafetensorsFile.Open(safetensorsPath);
        var states = new List<double[]>();
        while (file.Find($"case1.hidden{states.Count}") is { } tensor)
            states.Add(Array.ConvertAll(file.Floats(tensor), x => (double)x));
        return states;
    }

    /// <summary>Token ids of each case.</summary>
    public int[][] Inputs()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(jsonPath));
        return [.. json.RootElement.GetProperty("cases").EnumerateArray()
            .Select(golden => golden.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray())];
    }
}
