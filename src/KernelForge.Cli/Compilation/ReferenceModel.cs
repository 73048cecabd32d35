using KernelForge.Cli.Commands;
using KernelForge.Graphs;
using KernelForge.Reference;
using KernelForge.Reference.Weights;

namespace KernelForge.Cli.Compilation;

/// <summary>A model that the float interpreter runs.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private readonly ModelGraph _graph;
    private readonly ModelSource _source;
    private readonly FloatInterpreter _interpreter;

    private ReferenceModel(ModelGraph graph, ModelSource source, ModelInputs inputs) =>
        (_graph, _source, _interpreter) = (graph, source, new FloatInterpreter(graph, source.Values) { Inputs = inputs });

    /// <summary>Tokens that have a logit.</summary>
    public int Vocabulary => _graph.Vocabulary;

    /// <summary>Whether it gives states in place of logits.</summary>
    public bool IsEncoder => _graph.Outputs.Count > 0;

    /// <summary>Opens a model.</summary>
    /// <param name="request">Which.</param>
    /// <param name="inputs">Gives what its graph reads besides tokens.</param>
    /// <exception cref="UserException">It cannot be read.</exception>
    public static ReferenceModel Open(ModelRequest request, Func<ModelGraph, ModelInputs> inputs)
    {
        var graph = ModelPlanner.Graph(request);
        var given = inputs(graph);
        return new ReferenceModel(graph, ModelSource.Open(request.Path), given);
    }

    /// <summary>[tokens][vocabulary].</summary>
    /// <exception cref="UserException">The tokens do not fit the model.</exception>
    public double[][] Logits(IReadOnlyList<int> tokens) => Forward(tokens, rows: null);

    /// <summary>The best token after the last; of equally good ones the lowest id.</summary>
    /// <exception cref="UserException">The tokens do not fit the model.</exception>
    public int Best(IReadOnlyList<int> tokens)
    {
        var logits = Forward(tokens, [tokens.Count - 1])[0];
        return Array.IndexOf(logits, logits.Take(Vocabulary).Max());
    }

    /// <summary>What an encoder gives, by name.</summary>
    /// <exception cref="UserException">The tokens do not fit the model.</exception>
    public IReadOnlyDictionary<string, double[][]> Encode(IReadOnlyList<int> tokens)
    {
        Check(tokens);
        return _interpreter.Encode(tokens);
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private double[][] Forward(IReadOnlyList<int> tokens, IReadOnlyList<int>? rows)
    {
        Check(tokens);
        try
        {
            return _interpreter.Forward(tokens, rows);
        }
        catch (ArgumentException error)
        {
            throw new UserException(error.Message);
        }
    }

    private void Check(IReadOnlyList<int> tokens)
    {
        TokenIds.Require(tokens, _graph);
        if (_graph.Input is not GraphInput.Tokens)
            return;
        TokenIds.Check(tokens, _graph);
        if (tokens.Count > _graph.Context)
            throw new UserException($"{tokens.Count} tokens do not fit the model's context of {_graph.Context}.");
    }
}
