using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using KernelForge.Text;

namespace KernelForge;

/// <summary>A chat of several turns. Each turn runs only what is new through the model. Belongs to one thread at a time.</summary>
public sealed class Conversation : IDisposable
{
    private readonly LanguageModel _model;
    private readonly Session _session;
    private readonly string? _system;
    private readonly List<ChatMessage> _messages = [];
    private readonly TokenBuffer _tokens;
    private readonly ArrayBufferWriter<byte> _answer = new(1024);

    // The text that _tokens stand for, or null when they no longer are that text (an answer cut by a stop text).
    private string? _text;

    internal Conversation(LanguageModel model, string? system)
    {
        _model = model;
        _ = model.Tokenizer;
        _session = model.CreateSession();
        _tokens = new TokenBuffer(1024);
        _system = system;
        Reset();
    }

    /// <summary>What was said, oldest first.</summary>
    public IReadOnlyList<ChatMessage> Messages => _messages;

    /// <summary>What the last answer took.</summary>
    public GenerationStats Stats { get; private set; } = new();

    /// <summary>Tokens that the conversation takes of the context.</summary>
    public int ContextUsed => _session.Length;

    /// <summary>Forgets everything that was said, but for the system's message.</summary>
    public void Reset()
    {
        _messages.Clear();
        if (_system is not null)
            _messages.Add(new ChatMessage("system", _system));
    }

    /// <summary>Answers a message, piece by piece, on a thread of the pool.</summary>
    /// <exception cref="ArgumentException">The message is empty.</exception>
    /// <exception cref="ContextFullException">The conversation no longer fits; the message was not taken.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was said until then is kept.</exception>
    public async IAsyncEnumerable<string> SendAsync(
        string message, SamplingOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pieces = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var work = Task.Run(() => Produce(message, options, pieces.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return piece;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(false);
        }
    }

    /// <summary>Answers a message on the calling thread.</summary>
    /// <param name="message">What the user says. Control tokens written out in it are plain text.</param>
    /// <param name="receive">Called with each piece of the answer.</param>
    /// <param name="options">How to choose tokens; null: greedy.</param>
    /// <param name="cancellation">Ends the answer; what was said until then is kept.</param>
    /// <exception cref="ArgumentException">The message is empty.</exception>
    /// <exception cref="ContextFullException">The conversation no longer fits; the message was not taken.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public GenerationStats Send(string message, Utf8Receiver receive, SamplingOptions? options = null, CancellationToken cancellation = default)
    {
        if (string.IsNullOrWhiteSpace(message))
            throw new ArgumentException("The message is empty.", nameof(message));
        using var use = _session.Use();
        var generator = new TextGenerator(_session, options ?? new SamplingOptions());
        _messages.Add(new ChatMessage("user", message));
        _answer.ResetWrittenCount();
        try
        {
            var prompt = TokenizePrompt();
            generator.Run(
                prompt,
                text =>
                {
                    _answer.Write(text);
                    receive(text);
                },
                cancellation);
        }
        finally
        {
            Stats = generator.Stats with { PromptTokens = _tokens.Count };
            Remember(generator);
        }
        return Stats;
    }

    /// <summary>Gives the session back.</summary>
    public void Dispose() => _session.Dispose();

    /// <summary>Makes <c>_tokens</c> the whole conversation's and the session their longest known part; returns the part that is new.</summary>
    private ReadOnlySpan<int> TokenizePrompt()
    {
        var tokenizer = _model.Tokenizer;
        using var work = TemplateWork.Begin();
        var writer = new ChatWriter();
        _model.RenderChat(writer, new ChatRequest
        {
            Messages = _messages,
            BeginOfSequence = TextOf(tokenizer.BeginOfSequence),
            EndOfSequence = TextOf(tokenizer.EndOfSequence),
        });
        var rendered = writer.ToMarkedText();
        if (_text is not null && rendered.Text.StartsWith(_text, StringComparison.Ordinal))
        {
            // The answer's own tokens stay: tokenizing its text again may give others, and then the cache would be lost.
            tokenizer.Encode(rendered.Slice(_text.Length, rendered.Length - _text.Length), _tokens);
        }
        else
        {
            _tokens.Clear();
            tokenizer.Encode(rendered, _tokens);
        }
        _text = rendered.Text;

        var ids = _tokens.Ids;
        var known = Math.Min(ids.CommonPrefixLength(_session.Tokens), ids.Length - 1);
        if (ids.Length > _session.Capacity)
        {
            _text = null;
            throw new ContextFullException(known, ids.Length - known, _session.Capacity);
        }
        _session.Truncate(known);
        return ids[known..];
    }

    private void Remember(TextGenerator generator)
    {
        if (generator.Answer.IsEmpty && generator.Stats.Finish == FinishReason.Cancelled)
        {
            // Nothing was said: the turn is undone.
            _messages.RemoveAt(_messages.Count - 1);
            _text = null;
            return;
        }
        var answer = Encoding.UTF8.GetString(_answer.WrittenSpan);
        _messages.Add(new ChatMessage("assistant", answer));
        foreach (var id in generator.Answer)
            _tokens.Add(id);
        _text = generator.Stats.Finish == FinishReason.StopText ? null : _text + answer;
    }

    private string? TextOf(int token) => token < 0 ? null : Encoding.UTF8.GetString(_model.Tokenizer.GetBytes(token));

    private void Produce(string message, SamplingOptions? options, ChannelWriter<string> pieces, CancellationToken cancellation)
    {
        Exception? failure = null;
        try
        {
            Send(message, text => pieces.TryWrite(Encoding.UTF8.GetString(text)), options, cancellation);
        }
        catch (Exception exception)
        {
            // It belongs to whoever reads the pieces.
            failure = exception;
        }
        pieces.Complete(failure);
    }
}
