using KernelForge.Sampling;

namespace KernelForge;

/// <summary>
/// Chooses tokens: repeat penalty, temperature, top-k, top-p, min-p, in this order, then one draw. Deterministic for a seed; allocates
/// nothing after construction.
/// </summary>
public sealed class Sampler
{
    private readonly SamplingOptions _options;
    private readonly float[] _scores;
    private readonly Candidates _candidates;
    private RandomSource _random;

    /// <summary>A sampler of one answer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Sampler(SamplingOptions options, int vocabulary)
    {
        options.Validate();
        _options = options;
        _random = new RandomSource(options.Seed);
        _scores = options.IsGreedy ? [] : new float[vocabulary];
        _candidates = new Candidates(options.Temperature > 0 ? vocabulary : 0);
    }

    /// <summary>Chooses the token that follows.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="recent">The tokens so far, which the repeat penalty looks at.</param>
    public int Next(ReadOnlySpan<float> logits, ReadOnlySpan<int> recent)
    {
        if (_options.IsGreedy)
            return ArgMax(logits);
        logits.CopyTo(_scores);
        Penalize(recent);
        if (_options.Temperature == 0)
            return ArgMax(_scores);

        var inverse = 1 / _options.Temperature;
        for (var i = 0; i < _scores.Length; i++)
            _scores[i] *= inverse;
        _candidates.Fill(_scores);
        if (_options.TopK > 0)
            _candidates.KeepBest(_options.TopK);
        if (_options.TopP < 1)
            _candidates.KeepProbability(_options.TopP);
        if (_options.MinP > 0)
            _candidates.KeepShareOfBest(_options.MinP);
        return _candidates.Draw(_random.NextUnit());
    }

    /// <summary>The best token; of equally good ones the lowest id.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }
        return best;
    }

    private void Penalize(ReadOnlySpan<int> recent)
    {
        var penalty = _options.RepeatPenalty;
        if (penalty == 1)
            return;
        recent = recent[Math.Max(0, recent.Length - _options.RepeatWindow)..];
        for (var i = 0; i < recent.Length; i++)
        {
            // Once for each token, however often it came. What stands for an image has no score.
            if (recent[i] >= _scores.Length || recent[..i].Contains(recent[i]))
                continue;
            ref var score = ref _scores[recent[i]];
            score = score > 0 ? score / penalty : score * penalty;
        }
    }
}
