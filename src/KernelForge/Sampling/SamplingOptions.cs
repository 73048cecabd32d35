namespace KernelForge;

/// <summary>How the next token is chosen and where an answer ends. The default is greedy: always the best token.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0: greedy. Values above 1 flatten the distribution.</summary>
    public float Temperature { get; init; }

    /// <summary>Only the k best tokens; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the best tokens that together have this probability (Holtzman et al., 2020); 1: all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Only tokens whose probability is at least this share of the best one's; 0: all.</summary>
    public float MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of recent tokens (Keskar et al., 2019); 1: none.</summary>
    public float RepeatPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens count as recent.</summary>
    public int RepeatWindow { get; init; } = 64;

    /// <summary>Seed of the random numbers; the same seed gives the same answer on every machine.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Tokens of an answer at most; 0: until the context is full.</summary>
    public int MaxTokens { get; init; }

    /// <summary>Texts that end an answer; neither they nor a part of them is part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether the best token is all that is needed, so that the head may compute only that.</summary>
    public bool IsGreedy => Temperature == 0 && RepeatPenalty == 1;

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option and its range.</exception>
    /// <exception cref="ArgumentNullException"><see cref="Stop"/> is null.</exception>
    public void Validate()
    {
        Require(Temperature is >= 0 and <= 100, nameof(Temperature), Temperature, "from 0 to 100");
        Require(TopK >= 0, nameof(TopK), TopK, "0 or more");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "above 0 and at most 1");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "from 0 to 1");
        Require(RepeatPenalty is > 0 and <= 100, nameof(RepeatPenalty), RepeatPenalty, "above 0 and at most 100");
        Require(RepeatWindow >= 0, nameof(RepeatWindow), RepeatWindow, "0 or more");
        Require(MaxTokens >= 0, nameof(MaxTokens), MaxTokens, "0 or more");
        ArgumentNullException.ThrowIfNull(Stop);
        for (var i = 0; i < Stop.Count; i++)
            Require(!string.IsNullOrEmpty(Stop[i]), nameof(Stop), Stop[i], "texts that are not empty");
    }

    private static void Require(bool holds, string option, object? value, string range)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be {range}.");
    }
}
