using System.Runtime.InteropServices;
using KernelForge.Cache;
using KernelForge.Runtime;

namespace KernelForge;

/// <summary>
/// One sequence of tokens and its key-value cache. Sessions of a model may run on different threads at once; one session belongs to one
/// thread at a time.
/// </summary>
/// <remarks>A token's logits do not depend on how the tokens before it came here: whole, in pieces, by <see cref="Fork"/> or from a stream.</remarks>
public sealed unsafe class Session : IDisposable
{
    // Rows of logits that Score computes at once: enough to keep the head efficient, few enough to stay small beside the weights.
    private const int ScoreRows = 32;

    private readonly LanguageModel _model;
    private readonly NativeBuffer _tokens;
    private NativeBuffer? _logits;
    private readonly SessionLease _lease = new();
    private bool _hasLogits;

    internal Session(LanguageModel model, int keptRows = 0)
    {
        _model = model;
        Capacity = model.Context;
        Cache = new SequenceCache(model.Pages, Capacity);
        try
        {
            Kept = keptRows == 0 ? null : new SequenceCache(model.KeptPages!, keptRows);
            KeptRows = keptRows;
            _tokens = new NativeBuffer((nint)Capacity * sizeof(int), model.Pages.Budget);
        }
        catch
        {
            Kept?.Dispose();
            Cache.Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public LanguageModel Model => _model;

    /// <summary>Tokens so far.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>The tokens so far; valid until the session moves on.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ReadOnlySpan<int> Tokens
    {
        get
        {
            ObjectDisposedException.ThrowIf(_lease.Ended, this);
            return new(_tokens.Pointer, Length);
        }
    }

    /// <summary>[vocabulary] logits of the token that follows the last one; valid until the session moves on.</summary>
    /// <exception cref="InvalidOperationException">The last call computed none.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public ReadOnlySpan<float> Logits
    {
        get
        {
            ObjectDisposedException.ThrowIf(_lease.Ended, this);
            return _hasLogits
                ? new(_logits!.Pointer, _model.Vocabulary)
                : throw new InvalidOperationException("The session has no logits: call Prefill or Decode first; the greedy forms compute only the best token.");
        }
    }

    internal SequenceCache Cache { get; }

    /// <summary>What is kept of the text that the model has read; null where it reads none. Never written again.</summary>
    internal SequenceCache? Kept { get; }

    /// <summary>Tokens of that text.</summary>
    internal int KeptRows { get; }

    /// <summary>Where a batch leaves this session's logits.</summary>
    internal Span<float> LogitsToFill
    {
        get
        {
            // Before memory is taken that nobody would give back.
            ObjectDisposedException.ThrowIf(_lease.Ended, this);
            _logits ??= new NativeBuffer(PassRunner.LogitStride(_model.Vocabulary) * sizeof(float), _model.Pages.Budget);
            return new(_logits.Pointer, _model.Vocabulary);
        }
    }

    /// <summary>Adds tokens, in chunks of <see cref="ModelOptions.PrefillChunk"/>, and computes <see cref="Logits"/> after the last.</summary>
    /// <exception cref="ContextFullException">They do not fit; nothing was added.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two chunks; <see cref="Length"/> says how many were added.</exception>
    /// <exception cref="SessionMemoryException">The sessions of the model take all memory that they may; <see cref="Length"/> says how many were added.</exception>
    /// <exception cref="NonFiniteLogitsException">The logits are no numbers.</exception>
    public void Prefill(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        using var use = Use();
        fixed (float* logits = LogitsToFill)
            Run(tokens, HeadOutput.LastLogits, logits, cancellation);
        _hasLogits = true;
    }

    /// <summary>As <see cref="Prefill"/>, but returns only the best next token, which costs less than all logits.</summary>
    /// <exception cref="ContextFullException">They do not fit; nothing was added.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two chunks; <see cref="Length"/> says how many were added.</exception>
    public int PrefillGreedy(ReadOnlySpan<int> tokens, CancellationToken cancellation = default)
    {
        using var use = Use();
        return Run(tokens, HeadOutput.Best, null, cancellation);
    }

    /// <summary>Adds one token and returns the [vocabulary] logits of the next.</summary>
    /// <exception cref="ContextFullException">The session is full.</exception>
    public ReadOnlySpan<float> Decode(int token)
    {
        Prefill(new ReadOnlySpan<int>(in token));
        return Logits;
    }

    /// <summary>Adds one token and returns the best next one; of equally good ones the lowest id.</summary>
    /// <exception cref="ContextFullException">The session is full.</exception>
    public int DecodeGreedy(int token) => PrefillGreedy(new ReadOnlySpan<int>(in token));

    /// <summary>Adds tokens and writes the logits after each of them.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="logits">[tokens, vocabulary].</param>
    /// <param name="cancellation">Looked at between chunks.</param>
    /// <exception cref="ContextFullException">They do not fit; nothing was added.</exception>
    public void Score(ReadOnlySpan<int> tokens, Span<float> logits, CancellationToken cancellation = default)
    {
        if (logits.Length < (long)tokens.Length * _model.Vocabulary)
            throw new ArgumentException($"Room for {tokens.Length} x {_model.Vocabulary} logits is needed, there is room for {logits.Length}.", nameof(logits));
        using var use = Use();
        Check(tokens);
        var stride = PassRunner.LogitStride(_model.Vocabulary);
        var rows = Math.Min(ScoreRows, _model.Runner.Capacity);
        using var chunkLogits = new NativeBuffer(rows * stride * sizeof(float), _model.Pages.Budget);
        for (var first = 0; first < tokens.Length; first += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var chunk = tokens.Slice(first, Math.Min(rows, tokens.Length - first));
            Advance(chunk, HeadOutput.AllLogits, (float*)chunkLogits.Pointer);
            for (var row = 0; row < chunk.Length; row++)
            {
                var source = new ReadOnlySpan<float>((float*)chunkLogits.Pointer + (row * stride), _model.Vocabulary);
                source.CopyTo(logits.Slice((first + row) * _model.Vocabulary, _model.Vocabulary));
            }
        }
    }

    /// <summary>A second session with the same tokens. Pages are shared and copied only where one of the two writes.</summary>
    /// <exception cref="ObjectDisposedException">The session or its model was disposed.</exception>
    public Session Fork()
    {
        using var use = Use();
        var fork = new Session(_model, KeptRows) { Length = Length };
        fork.Cache.ShareWith(Cache, Length);
        if (Kept is not null)
            fork.Kept!.ShareWith(Kept, KeptRows);
        NativeMemory.Copy(_tokens.Pointer, fork._tokens.Pointer, (nuint)Length * sizeof(int));
        if (!_hasLogits)
            return fork;
        try
        {
            Logits.CopyTo(fork.LogitsToFill);
            fork._hasLogits = true;
            return fork;
        }
        catch
        {
            fork.Dispose();
            throw;
        }
    }

    /// <summary>Forgets all tokens from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        using var use = Use();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (length == Length)
            return;
        Cache.Truncate(length);
        Length = length;
        _hasLogits = false;
    }

    /// <summary>Writes tokens and cache, to be read by <see cref="LanguageModel.RestoreSession"/> of the same model.</summary>
    /// <exception cref="ObjectDisposedException">The session or its model was disposed.</exception>
    public void Save(Stream stream)
    {
        using var use = Use();
        SessionFile.Write(stream, this);
    }

    /// <summary>Gives the session's memory back; where another thread generates at this moment, that thread ends with <see cref="ObjectDisposedException"/> and gives it back.</summary>
    public void Dispose()
    {
        if (_lease.End())
            Free();
    }

    /// <summary>Keeps the session for the calling thread, and its memory in place whoever disposes of it, until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another thread uses it.</exception>
    internal SessionUse Use()
    {
        _model.Lifetime.Enter();
        try
        {
            _lease.Enter();
        }
        catch
        {
            _model.Lifetime.Leave();
            throw;
        }

        return new SessionUse(this);
    }

    /// <summary>Ends what <see cref="Use"/> began.</summary>
    internal void Leave()
    {
        if (_lease.Leave())
            Free();
        _model.Lifetime.Leave();
    }

    /// <summary>Takes over tokens whose cache pages were filled from a stream.</summary>
    internal void Restore(ReadOnlySpan<int> tokens)
    {
        tokens.CopyTo(new Span<int>(_tokens.Pointer, Capacity));
        Length = tokens.Length;
    }

    /// <summary>Makes sure that a batch can add one token, and takes all memory for it.</summary>
    internal void Prepare(int token, bool logits)
    {
        Check(new ReadOnlySpan<int>(in token));
        Cache.Prepare(Length, Length + 1);
        if (logits)
            _ = LogitsToFill;
    }

    /// <summary>A batch is about to write others in their place.</summary>
    internal void ForgetLogits() => _hasLogits = false;

    /// <summary>Notes what a batch has added.</summary>
    internal void Added(int token, bool logits)
    {
        ((int*)_tokens.Pointer)[Length++] = token;
        _hasLogits = logits;
    }

    private void Free()
    {
        Cache.Dispose();
        Kept?.Dispose();
        _tokens.Dispose();
        _logits?.Dispose();
    }

    private int Run(ReadOnlySpan<int> tokens, HeadOutput wanted, float* logits, CancellationToken cancellation)
    {
        Check(tokens);
        var capacity = _model.Runner.Capacity;
        while (tokens.Length > capacity)
        {
            cancellation.ThrowIfCancellationRequested();
            Advance(tokens[..capacity], HeadOutput.None, null);
            tokens = tokens[capacity..];
        }
        cancellation.ThrowIfCancellationRequested();
        return Advance(tokens, wanted, logits);
    }

    private int Advance(ReadOnlySpan<int> tokens, HeadOutput wanted, float* logits)
    {
        _hasLogits = false;
        var best = _model.Runner.RunSequence(this, tokens, wanted, logits);
        tokens.CopyTo(new Span<int>((int*)_tokens.Pointer + Length, Capacity - Length));
        Length += tokens.Length;
        return best;
    }

    private void Check(ReadOnlySpan<int> tokens)
    {
        ObjectDisposedException.ThrowIf(_lease.Ended, this);
        if (tokens.IsEmpty)
            throw new ArgumentException("At least one token is needed.", nameof(tokens));
        if (tokens.Length > Capacity - Length)
            throw new ContextFullException(Length, tokens.Length, Capacity);
        for (var i = 0; i < tokens.Length; i++)
            _model.RequireToken(tokens[i], i, nameof(tokens));
    }
}

/// <summary>A use of a session, to be ended by <see cref="Dispose"/>.</summary>
internal readonly struct SessionUse(Session session) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => session.Leave();
}
