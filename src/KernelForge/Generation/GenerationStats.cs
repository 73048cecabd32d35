namespace KernelForge;

/// <summary>What one answer took.</summary>
public sealed record GenerationStats
{
    /// <summary>Tokens of the whole prompt, those from earlier turns included.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that ran through the model; the others were in the cache.</summary>
    public int PrefilledTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public int GeneratedTokens { get; init; }

    /// <summary>From the call to the first token of the answer.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>From the first token to the last.</summary>
    public TimeSpan DecodeTime { get; init; }

    /// <summary>Why the answer ended.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Prefilled tokens by the time to the first token.</summary>
    public double PrefillTokensPerSecond => Rate(PrefilledTokens, TimeToFirstToken);

    /// <summary>Tokens after the first by the time they took; 0 where there is only one.</summary>
    public double DecodeTokensPerSecond => Rate(DecodedTokens, DecodeTime);

    /// <summary>Forward passes of one token.</summary>
    internal int DecodedTokens { get; init; }

    private static double Rate(int tokens, TimeSpan time) => time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it.</summary>
    EndOfTurn,

    /// <summary>A stop text came.</summary>
    StopText,

    /// <summary><see cref="SamplingOptions.MaxTokens"/> was reached.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}
