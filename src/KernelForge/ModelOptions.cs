namespace KernelForge;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>The packed file; null: appended to the executable, or <c>Class.kfw</c> beside the assembly.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Threads of a forward pass, the caller's included; 0: one for each physical core that this process may use.</summary>
    public int Threads { get; init; }

    /// <summary>Longest sequence of a session in tokens; 0: the model's own limit. Cache pages are only taken as they fill.</summary>
    public int Context { get; init; }

    /// <summary>How keys and values are stored; null: as the model was compiled.</summary>
    public KeyValueFormat? Cache { get; init; }

    /// <summary>Tokens of a prompt that run through the model together. More need more memory and change no result.</summary>
    public int PrefillChunk { get; init; } = 256;
}
