using KernelForge.Cache;
using KernelForge.Packed;
using KernelForge.Runtime;
using KernelForge.Text;

namespace KernelForge;

/// <summary>
/// A model compiled into this program. Immutable and shared by all threads; each conversation has its own <see cref="Session"/> or
/// <see cref="Conversation"/>. Sessions run at the same time; their forward passes take turns on the model's threads.
/// </summary>
public abstract unsafe class LanguageModel : IDisposable
{
    private readonly PackedModel _packed;
    private readonly Tokenizer? _tokenizer;
    private bool _disposed;

    /// <summary>Maps the packed file and starts the threads. Called by the generated class.</summary>
    /// <exception cref="PackedFileException">The packed file is missing, damaged or of another plan.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that this model cannot have.</exception>
    protected LanguageModel(ModelDescription description, ModelOptions options)
    {
        options.Validate(description.Context);
        InstructionSets.RequireVectorCode();

        Description = description;
        Options = options;
        Context = options.Context == 0 ? description.Context : options.Context;
        Cache = options.Cache ?? description.DefaultCache;
        Pages = new PagePool(checked((nint)description.PageBytes[(int)Cache]), new MemoryBudget(options.MemoryLimit));
        _packed = PackedModel.Open(description.ClassName, description.PlanHash, options.WeightsPath, options.WeightsInMemory, options.VerifyWeights);
        try
        {
            var chunk = Math.Min(options.PrefillChunk, Context);
            Runner = new PassRunner(description, _packed, Cache, chunk, options, Forward);
            var tables = _packed.TrySection("tokenizer", out var length);
            _tokenizer = tables is null ? null : new Tokenizer(tables, length);
        }
        catch
        {
            Runner?.Dispose();
            _packed.Dispose();
            throw;
        }
    }

    /// <summary>What the generated class knows of its model.</summary>
    public ModelDescription Description { get; }

    /// <summary>The options it was loaded with.</summary>
    public ModelOptions Options { get; }

    /// <summary>Number of token ids.</summary>
    public int Vocabulary => Description.Vocabulary;

    /// <summary>Tokens that a session may hold.</summary>
    public int Context { get; }

    /// <summary>The longest context that can be asked for: what the model was made for.</summary>
    public int LongestContext => Description.Context;

    /// <summary>How keys and values are stored.</summary>
    public KeyValueFormat Cache { get; }

    /// <summary>Threads of a forward pass, the caller's included.</summary>
    public int Threads => Runner.Team.Workers;

    /// <summary>Which kernels run, in words: the instruction set of the C# ones, and the machine code beside them.</summary>
    public string Kernels => Runner.UsesMachineCode ? $"{InstructionSets.Selected} with {MachineCode.Features} machine code" : InstructionSets.Selected.ToString();

    /// <summary>The file that the weights are mapped from.</summary>
    public string WeightsPath => _packed.FilePath;

    /// <summary>
    /// How many tokens each expert was chosen for since the model was loaded, [layer][expert]; a layer without experts has none, and a model without mixtures no layers.
    /// A copy: ask again for later counts.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was loaded without <see cref="ModelOptions.CountExperts"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public IReadOnlyList<IReadOnlyList<long>> ExpertCounts() =>
        Runner.ExpertCounts() ?? throw new InvalidOperationException($"{Description.ClassName} counts no experts. Load it with ModelOptions.CountExperts = true.");

    /// <summary>Text to tokens and back.</summary>
    /// <exception cref="InvalidOperationException">The model file carried no tokenizer.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed: the tokenizer's tables were mapped with its weights.</exception>
    public Tokenizer Tokenizer =>
        _disposed ? throw new ObjectDisposedException(Description.ClassName) :
        _tokenizer ?? throw new InvalidOperationException($"{Description.ClassName} has no tokenizer: its model file carries none. Use a session with token ids.");

    /// <summary>Bytes of native memory that the sessions of this model take now, with what is kept for the next ones; never more than <see cref="ModelOptions.MemoryLimit"/>.</summary>
    public long SessionMemory => Pages.Budget.Used;

    internal PagePool Pages { get; }

    internal PassRunner Runner { get; }

    /// <summary>A new, empty session.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Session CreateSession()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(this);
    }

    /// <summary>Exactly how many bytes of native memory a session will take, known before it starts. Sessions that share pages by <see cref="Session.Fork"/> take less.</summary>
    /// <param name="tokens">Tokens that it will hold, from 0 to <see cref="Context"/>.</param>
    /// <param name="logits">Whether all logits will be asked for, not only the best token.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many tokens do not fit.</exception>
    public long MemoryOfSession(int tokens, bool logits = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, Context);
        return SessionBytes.Empty(Context) + SessionBytes.Pages(Pages.PageBytes, tokens) + (logits ? SessionBytes.Logits(Vocabulary) : 0);
    }

    /// <summary>Reads a session that <see cref="Session.Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds a session of another model.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Session RestoreSession(Stream stream)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SessionFile.Read(stream, this);
    }

    /// <summary>Adds one token to each of several sessions in one forward pass, which reads the weights once for all of them.</summary>
    /// <param name="sessions">Different sessions of this model. Afterwards each has its <see cref="Session.Logits"/>.</param>
    /// <param name="tokens">One token for each session.</param>
    /// <exception cref="ContextFullException">A session is full; nothing was added to any.</exception>
    /// <exception cref="SessionMemoryException">The sessions take all memory that they may; nothing was added to any.</exception>
    /// <exception cref="NonFiniteLogitsException">The logits of a session are no numbers; nothing was added to any.</exception>
    public void DecodeBatch(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens) => Decode(sessions, tokens, default);

    /// <summary>As <see cref="DecodeBatch"/>, but computes only the best next token of each session.</summary>
    /// <param name="sessions">Different sessions of this model.</param>
    /// <param name="tokens">One token for each session.</param>
    /// <param name="best">Receives the best next token of each session.</param>
    /// <exception cref="ContextFullException">A session is full; nothing was added to any.</exception>
    public void DecodeBatchGreedy(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        if (best.Length != sessions.Length)
            throw new ArgumentException($"There are {sessions.Length} sessions and room for {best.Length} tokens.", nameof(best));
        Decode(sessions, tokens, best);
    }

    /// <summary>A conversation of several turns.</summary>
    /// <param name="system">What the model is told before the first message; null: what its chat template says by itself.</param>
    /// <exception cref="InvalidOperationException">The model file carried no tokenizer.</exception>
    public Conversation CreateChat(string? system = null) => new(this, system);

    /// <summary>Answers one prompt, piece by piece.</summary>
    /// <exception cref="ArgumentException">The prompt is empty.</exception>
    /// <exception cref="ContextFullException">The prompt is longer than the context.</exception>
    public async IAsyncEnumerable<string> ChatAsync(
        string prompt, SamplingOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var chat = CreateChat();
        await foreach (var text in chat.SendAsync(prompt, options, cancellation).ConfigureAwait(false))
            yield return text;
    }

    /// <summary>Unmaps the weights and ends the threads. Sessions of the model cannot run any more.</summary>
    public void Dispose()
    {
        _disposed = true;
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs one forward pass. Every worker of the team calls it, with the same pass and its own index.</summary>
    protected abstract void Forward(ForwardPass pass, int worker);

    /// <summary>Renders a conversation with the model's chat template. Overridden by generated code where the model has one.</summary>
    /// <exception cref="ChatTemplateException">The template refuses this conversation.</exception>
    protected internal virtual void RenderChat(ChatWriter output, ChatRequest request) =>
        throw new ChatTemplateException($"{Description.ClassName} has no chat template: its model file carries none. Use a session with plain text instead.");

    /// <summary>Releases what the model holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Runner.Dispose();
        Pages.Dispose();
        _packed.Dispose();
    }

    /// <summary>Lends the threads and the mapped weights.</summary>
    internal T WithTeam<T>(Func<ThreadTeam, nint, T> work) => work(Runner.Team, (nint)_packed.Section("weights", out _));

    private static bool Contains(ReadOnlySpan<Session> sessions, Session wanted)
    {
        foreach (var session in sessions)
        {
            if (ReferenceEquals(session, wanted))
                return true;
        }

        return false;
    }

    private void Decode(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        if (tokens.Length != sessions.Length)
            throw new ArgumentException($"There are {sessions.Length} sessions and {tokens.Length} tokens.", nameof(tokens));
        var used = 0;
        try
        {
            for (; used < sessions.Length; used++)
            {
                if (sessions[used].Model != this)
                    throw new ArgumentException($"Session {used} belongs to another model.", nameof(sessions));
                if (Contains(sessions[..used], sessions[used]))
                    throw new ArgumentException($"Session {used} is in the batch twice.", nameof(sessions));
                _ = sessions[used].Use();
            }
            for (var i = 0; i < sessions.Length; i++)
                sessions[i].CheckOne(tokens[i]);
            Run(sessions, tokens, best);
        }
        finally
        {
            while (used > 0)
                sessions[--used].Leave();
        }
    }

    private void Run(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        for (var first = 0; first < sessions.Length; first += Runner.Capacity)
        {
            var count = Math.Min(Runner.Capacity, sessions.Length - first);
            var some = sessions.Slice(first, count);
            var its = tokens.Slice(first, count);
            Runner.RunBatch(some, its, best.IsEmpty ? default : best.Slice(first, count));
            for (var i = 0; i < count; i++)
                some[i].Added(its[i], best.IsEmpty);
        }
    }
}
