using System.Text.Json.Nodes;
using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Graphs;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>
/// Models of images and text, made of the published SigLIP and llama with random projections between: one graph against both for themselves, with what the
/// one gives written into the other's table of tokens.
/// </summary>
[Trait("Category", "Long")]
public sealed class ImageTextTests : IDisposable
{
    private const int Placeholder = 300;
    private const int Width = 64;
    private readonly ScratchFolder _folder = new();
    private readonly SafetensorsFile _vision = SafetensorsFile.Open(Repository.Golden("checkpoints/siglip_vision/model.safetensors"));
    private readonly SafetensorsFile _states = SafetensorsFile.Open(Repository.Golden("checkpoints/siglip_vision/golden.safetensors"));
    private readonly SafetensorsFile _text = SafetensorsFile.Open(Repository.Golden("checkpoints/llama/model.safetensors"));

    public void Dispose()
    {
        _folder.Dispose();
        _vision.Dispose();
        _states.Dispose();
        _text.Dispose();
    }

    [SkippableFact]
    public void SmolVlm_joins_squares_of_patches_and_projects_them()
    {
        var projection = RandomMatrix(Width, 4 * Width, 1);
        Write("smolvlm", "model.vision_model.", "model.text_model.", ("scale_factor", 2), ("image_token_id", Placeholder), ("model.connector.modality_projection.proj.weight", projection));

        // What transformers gives for the image, in squares of two by two.
        var states = Rows(_states.Floats(_states.Require("last_hidden_state")), Width);
        var squares = new List<float[]>();
        for (var y = 0; y < 4; y += 2)
        {
            for (var x = 0; x < 4; x += 2)
                squares.Add([.. states[(4 * y) + x], .. states[(4 * y) + x + 1], .. states[(4 * y) + 4 + x], .. states[(4 * y) + 4 + x + 1]]);
        }

        Check([.. squares.Select(row => Multiply(projection, row))]);
    }

    [SkippableFact]
    public void Llava_projects_every_patch_twice()
    {
        var (first, second) = (RandomMatrix(Width, Width, 2), RandomMatrix(Width, Width, 3));
        Write(
            "llava", "vision_tower.vision_model.", "language_model.model.", ("vision_feature_layer", -1), ("image_token_index", Placeholder),
            ("multi_modal_projector.linear_1.weight", first), ("multi_modal_projector.linear_2.weight", second));

        // The states before the last norm, which transformers takes.
        double[][] states = [];
        var alone = Graph(Repository.Golden("checkpoints/siglip_vision"));
        var last = alone.Nodes.OfType<NormNode>().Single(node => node.Name == "FinalNorm").Inputs[0];
        new FloatInterpreter(alone, name => _vision.Floats(_vision.Require(name)))
        {
            Inputs = EncoderDecoderGoldenTests.Given(new ModelInputs(), alone.Input, _states),
            Observe = (node, value) => states = node.Id == last ? value : states,
        }.Encode([]);

        Check([.. states.Select(row => Multiply(second, Array.ConvertAll(Multiply(first, Array.ConvertAll(row, x => (float)x)), Gelu)))]);
    }

    /// <summary>The fused graph, and the text model alone whose table has the features in place of the last tokens.</summary>
    private void Check(float[][] features)
    {
        int[] before = [5, 17, 3], after = [9, 250, 1];
        var fused = Graph(_folder.Root);
        using var weights = ModelSource.OpenSafetensors(_folder["model.safetensors"]);
        var inputs = EncoderDecoderGoldenTests.Given(new ModelInputs(), fused.Parts[0].Input, _states);
        var together = new FloatInterpreter(fused, weights.Values) { Inputs = inputs };
        var actual = together.Forward([.. before, .. features.Select(_ => Placeholder), .. after]);

        var text = Graph(Repository.Golden("checkpoints/llama"));
        var first = text.Vocabulary - features.Length;
        var alone = new FloatInterpreter(text, name =>
        {
            var values = _text.Floats(_text.Require(name));
            if (name == "model.embed_tokens.weight")
                features.SelectMany(row => row).ToArray().CopyTo(values, first * Width);
            return values;
        });
        var expected = alone.Forward([.. before, .. features.Select((_, i) => first + i), .. after]);

        // The table is the head too.
        IEnumerable<double> Untouched(double[][] logits) => logits.SelectMany(row => row.Take(first));
        Comparison.Relative(Untouched(expected), Untouched(actual)).ShouldBeLessThan(1e-5);
        Should.Throw<ArgumentException>(() => together.Forward([.. before, Placeholder, .. after])).Message.ShouldContain($"1 tokens {Placeholder}");
    }

    private void Write(string type, string vision, string text, params (string Name, object Value)[] parts)
    {
        var config = new JsonObject
        {
            ["model_type"] = type,
            ["vision_feature_select_strategy"] = type == "llava" ? "full" : null,
            ["vision_config"] = JsonNode.Parse(File.ReadAllText(Repository.Golden("checkpoints/siglip_vision/config.json"))),
            ["text_config"] = JsonNode.Parse(File.ReadAllText(Repository.Golden("checkpoints/llama/config.json"))),
        };
        var tensors = new List<(string, long[], float[])>();
        void Copy(SafetensorsFile file, Func<string, string?> rename)
        {
            foreach (var tensor in file.Tensors)
            {
                if (rename(tensor.Name) is { } name)
                    tensors.Add((name, [.. tensor.Shape], file.Floats(tensor)));
            }
        }

        Copy(_vision, name => name.StartsWith("head.", StringComparison.Ordinal) || (type == "llava" && name.StartsWith("post_layernorm", StringComparison.Ordinal)) ? null : vision + name);
        Copy(_text, name => name.StartsWith("model.", StringComparison.Ordinal) ? text + name[6..] : type == "llava" ? "language_model." + name : name);
        foreach (var (name, value) in parts)
        {
            if (value is float[][] matrix)
                tensors.Add((name, [matrix.Length, matrix[0].Length], [.. matrix.SelectMany(row => row)]));
            else
                config[name] = (int)value;
        }

        File.WriteAllText(_folder["config.json"], config.ToJsonString());
        SafetensorsWriter.Write(_folder["model.safetensors"], tensors);
    }

    private static ModelGraph Graph(string path)
    {
        using var folder = HuggingFaceFolder.Open(path);
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        return result.Graph!;
    }

    private static float[][] RandomMatrix(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => (random.NextSingle() - 0.5f) / 4).ToArray())];
    }

    private static float[] Multiply(float[][] matrix, float[] row) => Array.ConvertAll(matrix, weights => (float)weights.Zip(row, (w, x) => (double)w * x).Sum());

    private static float[][] Rows(float[] values, int width) => [.. Enumerable.Range(0, values.Length / width).Select(row => values[(row * width)..((row + 1) * width)])];

    private static float Gelu(float x) => (float)(0.5 * x * (1 + KernelForge.Reference.Numerics.ErrorFunction.Of(x / Math.Sqrt(2))));
}
