using System.CommandLine;

namespace KernelForge.Options;

/// <summary>Options that bound what a model takes and guard its packed weights.</summary>
internal sealed class SafetyArguments
{
    private readonly Option<long> _memory = SizeOption.Create("Most memory of all sessions together, e.g. 800M; without it as much as they need.", "--memory");
    private readonly Option<bool> _inMemory = new("--in-memory") { Description = "Read the packed weights into memory: what happens to their file later changes nothing." };
    private readonly Option<bool> _verify = new("--verify") { Description = "Compare every byte of the packed weights with their checksums before the first token." };

    /// <summary>Adds the options to a command.</summary>
    public SafetyArguments(Command command)
    {
        command.Add(_memory);
        command.Add(_inMemory);
        command.Add(_verify);
    }

    /// <summary>What the user wrote; everything else as it is by default.</summary>
    public ModelOptions Read(ParseResult parsed) => new()
    {
        MemoryLimit = parsed.GetValue(_memory),
        WeightsInMemory = parsed.GetValue(_inMemory),
        VerifyWeights = parsed.GetValue(_verify),
    };
}
