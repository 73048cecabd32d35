using System.CommandLine;

namespace KernelForge.Options;

/// <summary>Options that decide how the next token is chosen and where an answer ends.</summary>
internal sealed class SamplingArguments
{
    private static readonly SamplingOptions Defaults = new();
    private readonly Option<float> _temperature = NumberOption.Create(Defaults.Temperature, "Divides the logits; 0 always takes the best token.", "--temperature");
    private readonly Option<int> _topK = NumberOption.Create(Defaults.TopK, "Draw only from the k best tokens; 0: from all.", "--top-k");
    private readonly Option<float> _topP = NumberOption.Create(Defaults.TopP, "Draw only from the best tokens of this total probability.", "--top-p");
    private readonly Option<float> _minP = NumberOption.Create(Defaults.MinP, "Drop tokens below this share of the best one's probability.", "--min-p");
    private readonly Option<float> _repeatPenalty = NumberOption.Create(Defaults.RepeatPenalty, "Makes recent tokens less likely; 1: off.", "--repeat-penalty");
    private readonly Option<ulong> _seed = NumberOption.Create(Defaults.Seed, "Seed of the random numbers.", "--seed");
    private readonly Option<int> _maxTokens;
    private readonly Option<string[]> _stop = new("--stop") { Description = "A text that ends the answer; may be given several times." };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="maxTokens">Tokens of an answer where the option is not given; 0: until the context is full.</param>
    public SamplingArguments(Command command, int maxTokens)
    {
        _maxTokens = NumberOption.Create(maxTokens, "Tokens of an answer at most; 0: until the context is full.", "--max-tokens", "-n");
        foreach (var option in new Option[] { _temperature, _topK, _topP, _minP, _repeatPenalty, _seed, _maxTokens, _stop })
            command.Add(option);
    }

    /// <summary>What the user wrote.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SamplingOptions Read(ParseResult parsed)
    {
        var options = new SamplingOptions
        {
            Temperature = parsed.GetValue(_temperature),
            TopK = parsed.GetValue(_topK),
            TopP = parsed.GetValue(_topP),
            MinP = parsed.GetValue(_minP),
            RepeatPenalty = parsed.GetValue(_repeatPenalty),
            Seed = parsed.GetValue(_seed),
            MaxTokens = parsed.GetValue(_maxTokens),
            Stop = parsed.GetValue(_stop) ?? [],
        };
        options.Validate();
        return options;
    }
}
