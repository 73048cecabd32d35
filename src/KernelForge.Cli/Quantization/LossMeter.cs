using KernelForge.Graphs;
using KernelForge.Reference;

namespace KernelForge.Cli.Quantization;

/// <summary>How well a model predicts the held-out tokens.</summary>
/// <param name="Perplexity">exp of the mean negative log-likelihood of each token but the first.</param>
/// <param name="Divergence">Mean Kullback-Leibler divergence from the original's distributions, in nats a token.</param>
internal sealed record Loss(double Perplexity, double Divergence);

/// <summary>Compares a model with what the original predicts for the held-out tokens.</summary>
internal sealed class LossMeter
{
    private readonly ModelGraph _graph;
    private readonly int[] _tokens;
    private readonly double[][] _original;

    /// <summary>Computes the original's predictions.</summary>
    public LossMeter(ModelGraph graph, int[] tokens, Func<string, float[]> weights, CancellationToken cancellation)
    {
        (_graph, _tokens) = (graph, tokens);
        _original = Predict(weights, cancellation);
        Original = new Loss(PerplexityOf(_original), 0);
    }

    /// <summary>The original's loss.</summary>
    public Loss Original { get; }

    /// <summary>The loss of the model with other weights.</summary>
    public Loss Measure(Func<string, float[]> weights, CancellationToken cancellation)
    {
        var predicted = Predict(weights, cancellation);
        var divergences = _original.Zip(predicted, (expected, actual) =>
        {
            var sum = 0.0;
            for (var i = 0; i < expected.Length; i++)
                sum += Math.Exp(expected[i]) * (expected[i] - actual[i]);
            return sum;
        });
        return new Loss(PerplexityOf(predicted), Math.Max(0, divergences.Average()));
    }

    /// <summary>The logarithms of the probabilities [tokens][vocabulary].</summary>
    private double[][] Predict(Func<string, float[]> weights, CancellationToken cancellation)
    {
        var interpreter = new FloatInterpreter(_graph, weights) { Observe = (_, _) => cancellation.ThrowIfCancellationRequested() };
        return Array.ConvertAll(interpreter.Forward(_tokens), row =>
        {
            var logits = row[.._graph.Vocabulary];
            var largest = logits.Max();
            var sum = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
            return Array.ConvertAll(logits, logit => logit - sum);
        });
    }

    private double PerplexityOf(double[][] predicted) => Math.Exp(-Enumerable.Range(1, _tokens.Length - 1).Average(i => predicted[i - 1][_tokens[i]]));
}
