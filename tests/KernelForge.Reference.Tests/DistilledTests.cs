using KernelForge.Compilation;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>A DistilBERT computes what a BERT does that has the same weights, and a table of token types of zeros.</summary>
public sealed class DistilledTests : IDisposable
{
    private const int Width = 24;
    private const int Hidden = 40;
    private const int Vocabulary = 50;
    private const int Context = 32;

    // What DistilBERT calls the tensors, and BERT.
    private static readonly (string Distilled, string Bert)[] Names =
    [
        ("distilbert.", string.Empty), ("transformer.layer.", "encoder.layer."), ("attention.q_lin", "attention.self.query"), ("attention.k_lin", "attention.self.key"),
        ("attention.v_lin", "attention.self.value"), ("attention.out_lin", "attention.output.dense"), ("sa_layer_norm", "attention.output.LayerNorm"),
        ("ffn.lin1", "intermediate.dense"), ("ffn.lin2", "output.dense"), ("output_layer_norm", "output.LayerNorm"),
    ];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-distilled-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Equals_its_bert()
    {
        var tensors = Tensors(new Random(11)).ToList();
        var expected = States("bert", $$"""
            {"model_type": "bert", "hidden_size": {{Width}}, "intermediate_size": {{Hidden}}, "num_hidden_layers": 2, "num_attention_heads": 3, "vocab_size": {{Vocabulary}},
             "max_position_embeddings": {{Context}}, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
            """, [.. tensors.Select(tensor => (Renamed(tensor.Name), tensor.Shape, tensor.Values)), ("embeddings.token_type_embeddings.weight", [2, Width], new float[2 * Width])]);
        var actual = States("distilbert", $$"""
            {"model_type": "distilbert", "dim": {{Width}}, "hidden_dim": {{Hidden}}, "n_layers": 2, "n_heads": 3, "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{Context}}}
            """, tensors);

        actual.ShouldBe(expected);
        actual.Distinct().Count().ShouldBeGreaterThan(Width);
    }

    private double[] States(string name, string config, List<(string Name, long[] Shape, float[] Values)> tensors)
    {
        var path = _directory.CreateSubdirectory(name).FullName;
        File.WriteAllText(Path.Combine(path, "config.json"), config);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), tensors);
        using var folder = HuggingFaceFolder.Open(path);
        var result = PlanCompiler.BuildGraph(folder.Manifest);
        result.Problems.Select(problem => problem.Message).ShouldBeEmpty();
        using var source = ModelSource.Open(path);
        return [.. new FloatInterpreter(result.Graph!, source.Values).Encode([2, 7, 41, 0, 7]).Single().Value.SelectMany(row => row)];
    }

    private static IEnumerable<(string Name, long[] Shape, float[] Values)> Tensors(Random random)
    {
        (string Name, int Rows, int Columns)[] layer =
        [
            ("attention.q_lin", Width, Width), ("attention.k_lin", Width, Width), ("attention.v_lin", Width, Width), ("attention.out_lin", Width, Width), ("sa_layer_norm", Width, 0),
            ("ffn.lin1", Hidden, Width), ("ffn.lin2", Width, Hidden), ("output_layer_norm", Width, 0),
        ];
        (string Name, int Rows, int Columns)[] all =
        [
            ("embeddings.LayerNorm", Width, 0), .. Enumerable.Range(0, 2).SelectMany(i => layer.Select(one => ($"transformer.layer.{i}.{one.Name}", one.Rows, one.Columns))),
        ];
        yield return ("distilbert.embeddings.word_embeddings.weight", [Vocabulary, Width], Values(random, Vocabulary * Width, 0, 1));
        yield return ("distilbert.embeddings.position_embeddings.weight", [Context, Width], Values(random, Context * Width, 0, 1));
        foreach (var (name, rows, columns) in all)
        {
            yield return columns == 0
                ? ($"distilbert.{name}.weight", [rows], Values(random, rows, 1, 0.3f))
                : ($"distilbert.{name}.weight", [rows, columns], Values(random, rows * columns, 0, 0.5f));
            yield return ($"distilbert.{name}.bias", [rows], Values(random, rows, 0, 0.3f));
        }
    }

    private static float[] Values(Random random, int count, float mean, float spread) =>
        [.. Enumerable.Range(0, count).Select(_ => mean + (spread * ((2 * random.NextSingle()) - 1)))];

    private static string Renamed(string name) => Names.Aggregate(name, (text, pair) => text.Replace(pair.Distilled, pair.Bert, StringComparison.Ordinal));
}
