namespace KernelForge;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>The packed file; null: appended to the executable, or <c>Class.kfw</c> beside the assembly.</summary>
    public string? WeightsPath { get; init; }

    /// <summary>Threads of a forward pass, the caller's included; 0: one for each physical core that this process may use.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether each thread that the model starts stays on a processor of its own, of another core than the others while there are any left; the thread that calls the model stays
    /// where the system puts it. For machines that run nothing else: a thread whose processor another program takes cannot move. On Linux.
    /// </summary>
    public bool PinThreads { get; init; }

    /// <summary>Longest sequence of a session in tokens; 0: the model's own limit. Cache pages are only taken as they fill.</summary>
    public int Context { get; init; }

    /// <summary>How keys and values are stored; null: as the model was compiled. Not for encoders, which keep none.</summary>
    public KeyValueFormat? Cache { get; init; }

    /// <summary>
    /// Tokens of a prompt that run through the model together; of an encoder, tokens of short texts, where a longer one runs alone. More need more memory
    /// and change no result.
    /// </summary>
    public int PrefillChunk { get; init; } = 256;

    /// <summary>Most bytes of native memory that all sessions of the model take together (<see cref="LanguageModel.MemoryOfSession"/> says what one will take); 0: no limit.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>
    /// Whether the packed file is read into memory when the model is loaded instead of being mapped: nothing that happens to the file afterwards reaches the model.
    /// It then takes memory of its own, and loading takes as long as reading all of it.
    /// </summary>
    public bool WeightsInMemory { get; init; }

    /// <summary>Whether every byte of the packed file is compared with its checksums when the model is loaded, which reads all of it.</summary>
    public bool VerifyWeights { get; init; }

    /// <summary>
    /// Whether matrix products run in machine code where the processor has AVX-512 VNNI or AMX, which .NET has no intrinsics for. Off, they run in the C#
    /// kernels: slower, with the same results bit for bit. Turn it off where the system denies executable memory.
    /// </summary>
    public bool UseMachineCode { get; init; } = true;

    /// <summary>Whether a model with mixtures of experts counts how often each expert is chosen (<see cref="LanguageModel.ExpertCounts"/>).</summary>
    public bool CountExperts { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option and its range.</exception>
    internal void Validate(int longestContext)
    {
        Require(Threads is >= 0 and <= 1024, nameof(Threads), Threads, "from 0 to 1024");
        Require(Context >= 0 && Context <= longestContext, nameof(Context), Context, $"from 0 to {longestContext}, the longest that the model was compiled for");
        Require(MemoryLimit >= 0, nameof(MemoryLimit), MemoryLimit, "0 or more");
        Require(PrefillChunk is > 0 and <= 65536, nameof(PrefillChunk), PrefillChunk, "from 1 to 65536");
        Require(Cache is null || Enum.IsDefined(Cache.Value), nameof(Cache), Cache, "F16, Int8 or F32");
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {range}.");
    }
}
