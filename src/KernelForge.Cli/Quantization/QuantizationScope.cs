using KernelForge.Formats.Quantization;
using KernelForge.Formats.Weights;
using KernelForge.Graphs;

namespace KernelForge.Cli.Quantization;

/// <summary>
/// Which matrices of a model are quantized, and which stay and why. Matrices that read the same input are one unit: the compiler makes one matrix
/// of them where they have one type.
/// </summary>
internal sealed class QuantizationScope
{
    private const int Block = 32;
    private const int FewestValues = 1024;

    private readonly IWeights _weights;
    private readonly RewrittenModel _target;
    private readonly Dictionary<string, (string Unit, string? Kept)> _read = new(StringComparer.Ordinal);

    /// <summary>Looks at every matrix that a graph reads.</summary>
    /// <exception cref="UserException">The model is quantized already.</exception>
    public QuantizationScope(ModelGraph graph, IWeights weights, RewrittenModel target)
    {
        (_weights, _target) = (weights, target);
        var routers = graph.Nodes.Where(node => node is MixtureNode or RowGateNode).Select(node => node.Inputs[1]).ToHashSet();
        foreach (var node in graph.Nodes)
            Visit(node, routers);
        if (Units.Count == 0)
            throw new UserException($"{weights.Path}: no matrix of this model can be quantized. {string.Join("; ", Kept.Take(3).Select(kept => $"{kept.Key}: {kept.Value}"))}.");
    }

    /// <summary>Tensors that get one type together, in the order in which the model reads them.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Units => [.. _read.Where(entry => entry.Value.Kept is null).GroupBy(entry => entry.Value.Unit, entry => entry.Key).Select(unit => unit.ToArray())];

    /// <summary>Tables of tokens; one may be the head as well.</summary>
    public IReadOnlySet<string> Tables => _tables;

    /// <summary>Matrices that stay as they are, and why.</summary>
    public IReadOnlyDictionary<string, string> Kept => _read.Where(entry => entry.Value.Kept is not null).ToDictionary(entry => entry.Key, entry => entry.Value.Kept!, StringComparer.Ordinal);

    private readonly HashSet<string> _tables = new(StringComparer.Ordinal);

    private void Visit(Node node, HashSet<int> routers)
    {
        switch (node)
        {
            case EmbeddingNode embedding:
                _tables.Add(embedding.Table.Tensor);
                Read(embedding.Table, "table");
                break;
            case PositionNode position:
                Read(position.Table, string.Empty, "a table of positions");
                break;
            case TokenTypeNode type:
                Read(type.Table, string.Empty, "a table of token types");
                break;
            case ShortConvolutionNode convolution:
                Read(convolution.Taps, string.Empty, "taps of a convolution");
                break;
            case LatentAttentionNode latent:
                Read(latent.Keys.Matrix, string.Empty, "expands the latents of attention");
                Read(latent.Values.Matrix, string.Empty, "expands the latents of attention");
                break;
            case LinearNode linear:
                foreach (var part in linear.Parts)
                    Read(part.Matrix, $"{linear.Inputs[0]}", routers.Contains(linear.Id) ? "chooses or weighs experts" : null);
                break;
            case MixtureNode mixture:
                foreach (var expert in mixture.Experts)
                {
                    Read(expert.Gate.Matrix, $"{mixture.Inputs[0]}");
                    Read(expert.Up.Matrix, $"{mixture.Inputs[0]}");
                    Read(expert.Down.Matrix, $"{mixture.Id} down");
                }

                break;
        }
    }

    private void Read(Weight matrix, string unit, string? kept = null)
    {
        var known = _read.GetValueOrDefault(matrix.Tensor, (unit, null));
        if (known.Kept is null && (kept is not null || !_read.ContainsKey(matrix.Tensor) || matrix.View is not null))
            _read[matrix.Tensor] = (known.Unit, kept ?? Obstacle(matrix));
    }

    // Null: nothing hinders.
    private string? Obstacle(Weight matrix)
    {
        var tensor = _weights.FindWeight(matrix.Tensor)!;
        if (tensor.IsConverted || tensor.RunType is not (WeightType.F32 or WeightType.F16 or WeightType.BF16))
            throw new UserException($"{_weights.Path}: the model is quantized already ({matrix.Tensor} is {tensor.Storage}), and rounding again adds to its error. Give the original in BF16, F16 or F32.");
        if (matrix.View is { ColumnStride: not 1 } || tensor.Columns != matrix.Columns)
            return "stored transposed";
        if (tensor.Columns % Block != 0)
            return $"rows of {tensor.Columns} values are no whole blocks of {Block}";
        if (tensor.Rows * tensor.Columns < FewestValues)
            return "too small to matter";
        return _target.CanHold(matrix.Tensor) ? null : "its name does not end in .weight, after which the names of codes and scales are formed";
    }
}
