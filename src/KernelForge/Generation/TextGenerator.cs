using System.Diagnostics;
using KernelForge.Generation;
using KernelForge.Text;

namespace KernelForge;

/// <summary>Receives a piece of an answer: whole characters in UTF-8, valid during the call.</summary>
public delegate void Utf8Receiver(ReadOnlySpan<byte> text);

/// <summary>Generates one answer in a session: choose a token, emit its text, run it through the model. Allocates nothing per token.</summary>
public sealed class TextGenerator
{
    private readonly Session _session;
    private readonly SamplingOptions _options;
    private readonly Tokenizer _tokenizer;
    private readonly Sampler _sampler;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly StopMatcher _stops;
    private readonly TokenBuffer _answer;

    // Still set when the receiver has thrown: then it is not called again.
    private bool _isReceiving;

    /// <summary>Prepares an answer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public TextGenerator(Session session, SamplingOptions options)
    {
        _session = session;
        _options = options;
        _tokenizer = session.Model.Tokenizer;
        _sampler = new Sampler(options, session.Model.Vocabulary);
        _detokenizer = new StreamingDetokenizer(_tokenizer);
        _stops = new StopMatcher(options.Stop);
        _answer = new TokenBuffer(options.MaxTokens == 0 ? session.Capacity : Math.Min(options.MaxTokens, session.Capacity));
    }

    /// <summary>The tokens of the answer so far, without the one that ended it.</summary>
    public ReadOnlySpan<int> Answer => _answer.Ids;

    /// <summary>What it took; complete when <see cref="Run"/> has ended, also by cancellation.</summary>
    public GenerationStats Stats { get; private set; } = new() { Finish = FinishReason.Cancelled };

    /// <summary>Adds <paramref name="prompt"/> to the session and generates until an end: of turn, of the limits, by a stop text.</summary>
    /// <exception cref="ContextFullException">The prompt does not fit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was received until then is whole.</exception>
    public GenerationStats Run(ReadOnlySpan<int> prompt, Utf8Receiver receive, CancellationToken cancellation = default)
    {
        // Whoever disposes of the session meanwhile does not take its logits away from under the sampler.
        using var use = _session.Use();
        var start = Stopwatch.GetTimestamp();
        var before = _session.Length;
        var first = 0L;
        var finish = FinishReason.Cancelled;
        try
        {
            var next = Advance(prompt, cancellation);
            first = Stopwatch.GetTimestamp();
            finish = Generate(next, receive, cancellation);
        }
        finally
        {
            if (!_stops.Matched && !_isReceiving)
            {
                Emit(_stops.Add(_detokenizer.Flush()), receive);
                Emit(_stops.Flush(), receive);
            }
            Stats = new GenerationStats
            {
                PromptTokens = before + prompt.Length,
                PrefilledTokens = prompt.Length,
                GeneratedTokens = _answer.Count,
                DecodedTokens = Math.Max(0, _session.Length - before - prompt.Length),
                TimeToFirstToken = first == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(start, first),
                DecodeTime = first == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(first),
                Finish = finish,
            };
        }
        return Stats;
    }

    private void Emit(ReadOnlySpan<byte> text, Utf8Receiver receive)
    {
        if (text.IsEmpty)
            return;
        _isReceiving = true;
        receive(text);
        _isReceiving = false;
    }

    private FinishReason Generate(int next, Utf8Receiver receive, CancellationToken cancellation)
    {
        while (!_tokenizer.IsEndOfGeneration(next))
        {
            _answer.Add(next);
            Emit(_stops.Add(_detokenizer.Add(next)), receive);
            if (_stops.Matched)
                return FinishReason.StopText;
            if (_answer.Count == _options.MaxTokens)
                return FinishReason.MaxTokens;
            if (_session.Length == _session.Capacity)
                return FinishReason.ContextFull;
            next = Advance(new ReadOnlySpan<int>(in next), cancellation);
        }
        return FinishReason.EndOfTurn;
    }

    private int Advance(ReadOnlySpan<int> tokens, CancellationToken cancellation)
    {
        if (_options.IsGreedy)
            return _session.PrefillGreedy(tokens, cancellation);
        _session.Prefill(tokens, cancellation);
        return _sampler.Next(_session.Logits, _session.Tokens);
    }
}
