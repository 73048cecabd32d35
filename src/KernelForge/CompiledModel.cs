using KernelForge.Packed;
using KernelForge.Runtime;
using KernelForge.Text;

namespace KernelForge;

/// <summary>
/// A model compiled into this program: a <see cref="LanguageModel"/> or an <see cref="EmbeddingModel"/>. Immutable and shared by all threads; forward
/// passes take turns on the model's own threads.
/// </summary>
public abstract unsafe class CompiledModel : IDisposable
{
    private readonly PackedModel _packed;
    private readonly Tokenizer? _tokenizer;

    /// <summary>Maps the packed file and starts the threads.</summary>
    private protected CompiledModel(ModelDescription description, ModelOptions options, KeyValueFormat cache)
    {
        options.Validate(description.Context);
        InstructionSets.RequireVectorCode();

        Lifetime = new Lifetime(() => Dispose(disposing: true));
        Description = description;
        Options = options;
        Context = options.Context == 0 ? description.Context : options.Context;
        _packed = PackedModel.Open(description.ClassName, description.PlanHash, options.WeightsPath, options.WeightsInMemory, options.VerifyWeights);
        try
        {
            var chunk = Math.Min(options.PrefillChunk, Context);
            Runner = new PassRunner(description, _packed, cache, chunk, options, Forward);
            var tables = _packed.TrySection("tokenizer", out var length);
            _tokenizer = tables is null ? null : new Tokenizer(tables, length, Lifetime);
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

    /// <summary>Number of token ids that have a logit.</summary>
    public int Vocabulary => Description.Vocabulary;

    /// <summary>Number of token ids that a text may hold: <see cref="Vocabulary"/>, and what stands for images beside it in models that have such ids.</summary>
    public int TokenIds => Math.Max(Description.TokenIds, Vocabulary);

    /// <summary>Tokens that a sequence may have.</summary>
    public int Context { get; }

    /// <summary>The longest context that can be asked for: what the model was made for.</summary>
    public int LongestContext => Description.Context;

    /// <summary>Threads of a forward pass, the caller's included.</summary>
    public int Threads => Runner.Team.Workers;

    /// <summary>Which kernels run, in words: the instruction set of the C# ones, and the machine code beside them.</summary>
    public string Kernels => Runner.UsesMachineCode ? $"{InstructionSets.Selected} with {MachineCode.Features} machine code" : InstructionSets.Selected.ToString();

    /// <summary>The file that the weights are mapped from.</summary>
    public string WeightsPath => _packed.FilePath;

    /// <summary>Text to tokens and back.</summary>
    /// <exception cref="InvalidOperationException">The model file carried no tokenizer.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed: the tokenizer's tables were mapped with its weights.</exception>
    public Tokenizer Tokenizer
    {
        get
        {
            RequireAlive();
            return _tokenizer ?? throw new InvalidOperationException($"{Description.ClassName} has no tokenizer: its model file carries none. Use token ids.");
        }
    }

    internal PassRunner Runner { get; }

    internal Lifetime Lifetime { get; }

    /// <summary>
    /// Unmaps the weights and ends the threads. Nothing of the model can run any more: a thread that is in the middle of an answer ends it with
    /// <see cref="ObjectDisposedException"/>, and the memory goes with the last of them.
    /// </summary>
    public void Dispose()
    {
        Lifetime.End();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs one forward pass. Every worker of the team calls it, with the same pass and its own index.</summary>
    protected abstract void Forward(ForwardPass pass, int worker);

    /// <summary>Releases what the model holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Runner.Dispose();
        _packed.Dispose();
    }

    /// <summary>Lends the threads and the mapped weights.</summary>
    internal T WithTeam<T>(Func<ThreadTeam, nint, T> work) => work(Runner.Team, (nint)_packed.Section("weights", out _));

    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    private protected void RequireAlive() => ObjectDisposedException.ThrowIf(Lifetime.Ended, this);

    /// <summary>Refuses a token id that no row of the embedding has.</summary>
    internal void RequireToken(int token, int index, string parameter)
    {
        if ((uint)token >= (uint)TokenIds)
            throw new ArgumentOutOfRangeException(parameter, token, $"The id of token {index}, {token}, is not in the vocabulary: ids go from 0 to {TokenIds - 1}.");
    }
}
