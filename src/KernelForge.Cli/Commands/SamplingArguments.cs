using System.CommandLine;
using KernelForge.Options;

namespace KernelForge.Cli.Commands;

/// <summary>Options that decide how the next token is chosen.</summary>
internal sealed class SamplingArguments
{
    private static readonly SamplingOptions Defaults = new();
    private readonly Option<bool> _greedy = new("--greedy") { Description = "Always the best token: the default, and what --temperature 0 says." };
    private readonly Option<float> _temperature = NumberOption.Create(Defaults.Temperature, "Divides the logits; 0: greedy.", "--temperature");
    private readonly Option<int> _topK = NumberOption.Create(Defaults.TopK, "Only the k best tokens; 0: all.", "--top-k");
    private readonly Option<float> _topP = NumberOption.Create(Defaults.TopP, "Only the best tokens that together have this probability.", "--top-p");
    private readonly Option<float> _minP = NumberOption.Create(Defaults.MinP, "Only tokens of at least this share of the best one's probability.", "--min-p");
    private readonly Option<float> _repeatPenalty = NumberOption.Create(Defaults.RepeatPenalty, "Weakens recent tokens; 1: not.", "--repeat-penalty");
    private readonly Option<ulong> _seed = NumberOption.Create(Defaults.Seed, "Seed of the random numbers.", "--seed");
    private readonly Option<int> _maxTokens = NumberOption.Create(512, "Tokens of the answer at most; 0: until the context is full.", "--max-tokens", "-n");
    private readonly Option<string[]> _stop = new("--stop") { Description = "A text that ends the answer; may be given several times." };

    /// <summary>Adds the options to a command.</summary>
    public SamplingArguments(Command command)
    {
        foreach (var option in new Option[] { _greedy, _temperature, _topK, _topP, _minP, _repeatPenalty, _seed, _maxTokens, _stop })
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
        if (parsed.GetValue(_greedy) && options.Temperature > 0)
            throw new UserException("--greedy and --temperature contradict each other. Give one of them.");
        options.Validate();
        return options;
    }
}
