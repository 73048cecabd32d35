using KernelForge.Cli.Output;

namespace KernelForge.Cli.Measuring;

/// <summary>Perplexity: windows that fill up, each seen alone, without special tokens; the first token of each is not scored.</summary>
internal static class PerplexityMeter
{
    /// <summary>Windows that are measured of any model, unless the text has fewer.</summary>
    public const int LeastWindows = 12;

    private const int Rows = 64;

    // Bytes of weights times tokens: some seconds of two cores.
    private const double Work = 4e11;

    /// <summary>Windows of a length that a model measures within seconds, and <see cref="LeastWindows"/> at least.</summary>
    public static int Affordable(LanguageModel model, int window) => (int)Math.Max(LeastWindows, Math.Min(int.MaxValue, Work / ((double)model.Description.WeightBytes * window)));

    /// <summary>Measures a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <param name="window">Tokens of a window.</param>
    /// <param name="mostWindows">Only the first so many; 0: all.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UserException">The text does not fill a window, or a window does not fit the context.</exception>
    public static Evaluation Measure(LanguageModel model, string text, int window, int mostWindows, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (window > model.Context)
            throw new UserException($"A window of {window} tokens does not fit the context of {model.Context}.");
        var tokens = model.Tokenizer.Encode(text);
        var windows = tokens.Length / window;
        if (windows == 0)
            throw new UserException($"The text is shorter than a window: it has {tokens.Length} of {window} tokens. Give a longer one, or a shorter --window.");

        var all = windows;
        if (mostWindows > 0)
            windows = Math.Min(windows, mostWindows);
        var sum = 0.0;
        var logits = new float[Rows * model.Vocabulary];
        for (var i = 0; i < windows; i++)
        {
            sum += Loss(model, tokens.AsMemory(i * window, window), logits, cancellation);
            progress?.Report((i + 1.0) / windows);
        }
        var scored = windows * (window - 1);
        return new Evaluation(Math.Exp(sum / scored), sum / scored, windows, all, window, scored);
    }

    private static double Loss(LanguageModel model, ReadOnlyMemory<int> tokens, float[] logits, CancellationToken cancellation)
    {
        using var session = model.CreateSession();
        var losses = new double[tokens.Length - 1];
        for (var first = 0; first < losses.Length; first += Rows)
        {
            var (start, count) = (first, Math.Min(Rows, losses.Length - first));
            session.Score(tokens.Span.Slice(start, count), logits, cancellation);
            Parallel.For(0, count, row =>
                losses[start + row] = Loss(logits.AsSpan(row * model.Vocabulary, model.Vocabulary), tokens.Span[start + row + 1]));
        }
        return losses.Sum();
    }

    private static double Loss(ReadOnlySpan<float> logits, int next)
    {
        var largest = float.NegativeInfinity;
        foreach (var logit in logits)
            largest = Math.Max(largest, logit);
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - (double)largest);
        return largest + Math.Log(sum) - logits[next];
    }
}
