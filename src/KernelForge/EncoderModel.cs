using KernelForge.Runtime;

namespace KernelForge;

/// <summary>An encoder compiled into this program: an <see cref="EmbeddingModel"/> of texts or a <see cref="VisionModel"/> of images. It has no sessions.</summary>
public abstract unsafe class EncoderModel : CompiledModel
{
    internal const string State = "last_hidden_state";
    internal const string Pooler = "pooler_output";

    private readonly int _state;
    private readonly int _pooler;

    private protected EncoderModel(ModelDescription description, ModelOptions options)
        : base(description, WithoutSessions(options, description), description.DefaultCache)
    {
        _state = OutputOf(description, State, isPooled: false) is var state and >= 0 ? state : throw Lacks(description, State, "token");
        _pooler = OutputOf(description, Pooler, isPooled: true);
    }

    /// <summary>Values of a state.</summary>
    public int Width => Description.Outputs[_state].Width;

    /// <summary>Whether the model has a pooler of its own, which makes one vector of all states.</summary>
    public bool HasPooler => _pooler >= 0;

    /// <summary>Values of the pooler's vector; 0: there is none.</summary>
    private protected int PooledWidth => HasPooler ? Description.Outputs[_pooler].Width : 0;

    /// <summary>Runs some texts or images together.</summary>
    /// <param name="batch">At least one.</param>
    /// <param name="states">[rows of all, <see cref="Width"/>], or null: nobody asks.</param>
    /// <param name="pooled">[batch, <see cref="PooledWidth"/>], or null: nobody asks.</param>
    /// <param name="given">The rows, where the model reads no tokens.</param>
    private protected void Run(EncoderText[] batch, float[]? states, float[]? pooled, float[]? given = null)
    {
        fixed (float* state = states, pooler = pooled, rows = given)
        {
            var outputs = stackalloc byte*[Description.Outputs.Count];
            for (var i = 0; i < Description.Outputs.Count; i++)
                outputs[i] = i == _state ? (byte*)state : i == _pooler ? (byte*)pooler : null;
            Runner.RunTexts(batch, outputs, rows);
        }
    }

    /// <summary>What sessions are asked with says nothing to an encoder, which has none.</summary>
    private static ModelOptions WithoutSessions(ModelOptions options, ModelDescription description)
    {
        if (options.Cache is not null && options.Cache != description.DefaultCache)
            throw new ArgumentOutOfRangeException(nameof(options), options.Cache, $"{nameof(options.Cache)} cannot be chosen for an encoder: it keeps the keys and values of one layer at a time, as {description.DefaultCache}.");
        if (options.MemoryLimit != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.MemoryLimit, $"{nameof(options.MemoryLimit)} is for sessions, which an encoder has none of.");
        return options.CountExperts
            ? throw new ArgumentException($"{nameof(options.CountExperts)} is for models that write.", nameof(options))
            : options;
    }

    /// <summary>Room is made for states by the row and for poolers by the text: the code must write them so.</summary>
    private static int OutputOf(ModelDescription description, string name, bool isPooled)
    {
        var index = description.OutputOf(name);
        return index < 0 || description.Outputs[index].IsPooled == isPooled ? index : throw Lacks(description, name, isPooled ? "text" : "token");
    }

    private static ArgumentException Lacks(ModelDescription description, string name, string item) =>
        new($"{description.ClassName} has no output '{name}' with a row for each {item}. Declare it so.", nameof(description));
}
