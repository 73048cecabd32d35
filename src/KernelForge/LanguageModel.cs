using KernelForge.Cache;
using KernelForge.Runtime;
using KernelForge.Text;

namespace KernelForge;

/// <summary>
/// A model compiled into this program. Immutable and shared by all threads; each conversation has its own <see cref="Session"/> or
/// <see cref="Conversation"/>. Sessions run at the same time; their forward passes take turns on the model's threads.
/// </summary>
public abstract class LanguageModel : CompiledModel
{
    /// <summary>Maps the packed file and starts the threads. Called by the generated class.</summary>
    /// <exception cref="PackedFileException">The packed file is missing, damaged or of another plan.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that this model cannot have.</exception>
    protected LanguageModel(ModelDescription description, ModelOptions options)
        : base(description, options, options.Cache ?? description.DefaultCache)
    {
        Cache = options.Cache ?? description.DefaultCache;
        var budget = new MemoryBudget(options.MemoryLimit);
        Pages = new PagePool(checked((nint)description.PageBytes[(int)Cache]), budget);
        KeptPages = description.KeptPageBytes.Count == 0 ? null : new PagePool(checked((nint)description.KeptPageBytes[(int)Cache]), budget);
    }

    /// <summary>How keys and values are stored.</summary>
    public KeyValueFormat Cache { get; }

    /// <summary>
    /// How many tokens each expert was chosen for since the model was loaded, [layer][expert]; a layer without experts has none, and a model without mixtures no layers.
    /// A copy: ask again for later counts.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was loaded without <see cref="ModelOptions.CountExperts"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public IReadOnlyList<IReadOnlyList<long>> ExpertCounts() =>
        Runner.ExpertCounts() ?? throw new InvalidOperationException($"{Description.ClassName} counts no experts. Load it with ModelOptions.CountExperts = true.");

    /// <summary>Bytes of native memory that the sessions of this model take now, with what is kept for the next ones; never more than <see cref="ModelOptions.MemoryLimit"/>.</summary>
    public long SessionMemory => Pages.Budget.Used;

    /// <summary>Tokens, or rows of numbers, that the model reads at most before it writes, or states that a sound becomes; 0: it reads nothing but its own.</summary>
    public int LongestInput => Description.Parts.Count == 0 ? 0 : Description.Parts[0].Most;

    /// <summary>Values of a row of what the model reads before it writes; 0: it reads token ids, hears a sound (<see cref="SoundBands"/>), or nothing.</summary>
    public int InputWidth => Description.Parts.Count == 0 ? 0 : Description.Parts[0].Width;

    /// <summary>Bands of the sounds that the model hears before it writes; 0: it hears none.</summary>
    public int SoundBands => Sound?.Bands ?? 0;

    /// <summary>Frames of such a sound; 0: it hears none.</summary>
    public int SoundFrames => Sound?.Frames ?? 0;

    /// <summary>Whether the model writes only after it has read something (<see cref="LongestInput"/>).</summary>
    public bool NeedsInput => Description.Parts.Count > 0 && !Description.Parts[0].IsOptional;

    internal PagePool Pages { get; }

    /// <summary>Pages of what is kept of an input; null where nothing is.</summary>
    internal PagePool? KeptPages { get; }

    /// <summary>A new, empty session. Where the model may read something before it writes, it has read nothing: layers that attend to that are passed over.</summary>
    /// <exception cref="InvalidOperationException">The model must read something before it writes (<see cref="NeedsInput"/>).</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Session CreateSession()
    {
        RequireAlive();
        return NeedsInput ? throw new InvalidOperationException($"{Description.ClassName} reads {Description.Parts[0].Input} before it writes. Give CreateSession {InputInWords}.") : new(this);
    }

    /// <summary>
    /// A new session that has read a text, for models that read one before they write (BART, T5). The text is encoded here, once; what the model reads of it belongs to the
    /// session and is shared by its forks.
    /// </summary>
    /// <param name="input">Token ids of the text, with those that the model expects around it.</param>
    /// <exception cref="ArgumentException">There is no token, or one that is not in the vocabulary.</exception>
    /// <exception cref="ContextFullException">The text has more tokens than <see cref="LongestInput"/>.</exception>
    /// <exception cref="SessionMemoryException">The sessions take all memory that they may.</exception>
    /// <exception cref="InvalidOperationException">The model reads nothing but its own tokens, or something else.</exception>
    /// <exception cref="NonFiniteStatesException">What it computes of the text are no numbers.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public unsafe Session CreateSession(ReadOnlySpan<int> input)
    {
        using var use = Lifetime.Use();
        RequireInput(isThis: InputWidth == 0 && Sound is null);
        if (input.IsEmpty)
            throw new ArgumentException("At least one token is needed.", nameof(input));
        if (input.Length > LongestInput)
            throw new ContextFullException(0, input.Length, LongestInput);
        for (var i = 0; i < input.Length; i++)
            RequireToken(input[i], i, nameof(input));
        return Read(new EncoderText(input.Length, input.ToArray()), null);
    }

    /// <summary>
    /// A new session that has read rows of numbers, for models that read such before they write (Llama 3.2 Vision: the states of an image). What the model reads of them
    /// is computed here, once; it belongs to the session and is shared by its forks.
    /// </summary>
    /// <param name="input">[rows, <see cref="InputWidth"/>], at most <see cref="LongestInput"/> rows.</param>
    /// <exception cref="ArgumentException">There is no row, or no whole number of rows, or a value is no number.</exception>
    /// <exception cref="ContextFullException">There are more rows than <see cref="LongestInput"/>.</exception>
    /// <exception cref="SessionMemoryException">The sessions take all memory that they may.</exception>
    /// <exception cref="InvalidOperationException">The model reads nothing but its own tokens, or a text.</exception>
    /// <exception cref="NonFiniteStatesException">What it computes of the rows are no numbers.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public unsafe Session CreateSession(ReadOnlySpan<float> input)
    {
        using var use = Lifetime.Use();
        RequireInput(isThis: InputWidth > 0);
        if (input.IsEmpty || input.Length % InputWidth != 0)
            throw new ArgumentException($"{Description.Parts[0].Input} has {input.Length} values, which are not one or more rows of {InputWidth}.", nameof(input));
        var rows = input.Length / InputWidth;
        if (rows > LongestInput)
            throw new ContextFullException(0, rows, LongestInput);
        if (!FiniteNumbers.All(input))
            throw new ArgumentException($"{Description.Parts[0].Input} holds values that are no finite numbers.", nameof(input));
        fixed (float* given = input)
            return Read(new EncoderText(rows), given);
    }

    /// <summary>
    /// A new session that has heard a sound, for models that hear one before they write (Whisper). The sound is encoded here, once; what the model reads of it belongs to the
    /// session and is shared by its forks.
    /// </summary>
    /// <param name="features">[<see cref="SoundBands"/>, frames] the log-mel spectrogram as the model's authors make it.</param>
    /// <param name="frames">Frames of it: <see cref="SoundFrames"/>, which a shorter sound is padded to.</param>
    /// <exception cref="ArgumentException">The features have another shape, or a value is no number.</exception>
    /// <exception cref="SessionMemoryException">The sessions take all memory that they may.</exception>
    /// <exception cref="InvalidOperationException">The model hears nothing.</exception>
    /// <exception cref="NonFiniteStatesException">What it computes of the sound are no numbers.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public unsafe Session CreateSession(ReadOnlySpan<float> features, int frames)
    {
        using var use = Lifetime.Use();
        RequireInput(isThis: Sound is not null);
        var rows = Sound!.Arrange(features, frames);
        if (!FiniteNumbers.All(rows))
            throw new ArgumentException($"{Description.Parts[0].Input} holds values that are no finite numbers.", nameof(features));
        fixed (float* given = rows)
            return Read(new EncoderText(LongestInput), given);
    }

    /// <summary>Exactly how many bytes of native memory a session will take, known before it starts. Sessions that share pages by <see cref="Session.Fork"/> take less.</summary>
    /// <param name="tokens">Tokens that it will hold, from 0 to <see cref="CompiledModel.Context"/>.</param>
    /// <param name="logits">Whether all logits will be asked for, not only the best token.</param>
    /// <param name="input">Tokens or rows that it will have read, where the model reads such; <see cref="LongestInput"/> where it hears a sound.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many tokens do not fit.</exception>
    public long MemoryOfSession(int tokens, bool logits = true, int input = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input, LongestInput);
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, Context);
        return SessionBytes.Empty(Context) + SessionBytes.Pages(Pages.PageBytes, tokens) + (logits ? SessionBytes.Logits(Vocabulary) : 0)
            + (input == 0 ? 0 : SequenceCache.TableBytes(input) + SessionBytes.Pages(KeptPages!.PageBytes, input));
    }

    /// <summary>Reads a session that <see cref="Session.Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds a session of another model.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Session RestoreSession(Stream stream)
    {
        using var use = Lifetime.Use();
        return SessionFile.Read(stream, this);
    }

    /// <summary>Adds one token to each of several sessions in one forward pass, which reads the weights once for all of them.</summary>
    /// <param name="sessions">Different sessions of this model. Afterwards each has its <see cref="Session.Logits"/>; where the pass fails, none.</param>
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

    /// <summary>Renders a conversation with the model's chat template. Overridden by generated code where the model has one.</summary>
    /// <exception cref="ChatTemplateException">The template refuses this conversation.</exception>
    protected internal virtual void RenderChat(ChatWriter output, ChatRequest request) =>
        throw new ChatTemplateException($"{Description.ClassName} has no chat template: its model file carries none. Use a session with plain text instead.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        Pages.Dispose();
        KeptPages?.Dispose();
    }

    private SoundShape? Sound => Description.Parts.Count == 0 ? null : Description.Parts[0].Sound;

    private string InputInWords => Sound is not null ? $"the features [{SoundBands}, {SoundFrames}] of a sound" : InputWidth == 0 ? "its token ids" : $"its rows of {InputWidth} numbers";

    private void RequireInput(bool isThis)
    {
        if (LongestInput == 0)
            throw new InvalidOperationException($"{Description.ClassName} reads nothing before it writes. Use CreateSession() and Prefill.");
        if (!isThis)
            throw new InvalidOperationException($"{Description.ClassName} reads {Description.Parts[0].Input} before it writes. Give CreateSession {InputInWords}.");
    }

    private unsafe Session Read(in EncoderText text, float* given)
    {
        var session = new Session(this, text.Rows);
        try
        {
            Runner.RunPart(0, text, session.Kept!, given);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

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
                sessions[i].Prepare(tokens[i], best.IsEmpty);
            Run(sessions, tokens, best);
        }
        finally
        {
            while (used > 0)
                sessions[--used].Leave();
        }
    }

    /// <summary>
    /// Several passes where there are more sessions than one takes, or where some have read something before and others have not; their tokens are theirs only when all have ended well.
    /// </summary>
    private void Run(ReadOnlySpan<Session> sessions, ReadOnlySpan<int> tokens, Span<int> best)
    {
        foreach (var session in best.IsEmpty ? sessions : [])
            session.ForgetLogits();
        for (var (first, count) = (0, 0); first < sessions.Length; first += count)
        {
            count = 1;
            while (first + count < sessions.Length && count < Runner.Capacity && sessions[first + count].KeptRows > 0 == sessions[first].KeptRows > 0)
                count++;
            Runner.RunBatch(sessions.Slice(first, count), tokens.Slice(first, count), best.IsEmpty ? default : best.Slice(first, count));
        }

        for (var i = 0; i < sessions.Length; i++)
            sessions[i].Added(tokens[i], best.IsEmpty);
    }
}
