using System.CommandLine;

namespace KernelForge.Fuzz;

/// <summary>The command line.</summary>
internal sealed class FuzzOptions
{
    private readonly Argument<string> _target = new("TARGET") { Description = "A parser, or all." };
    private readonly Option<double> _seconds = new("--seconds") { Description = "How long; shared out among all.", DefaultValueFactory = _ => 60 };
    private readonly Option<long> _iterations = new("--iterations") { Description = "Most inputs of each parser.", DefaultValueFactory = _ => long.MaxValue };
    private readonly Option<int> _seed = new("--seed") { Description = "Decides every input.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _reproduce = new("--reproduce") { Description = "SEED:ITERATION of a find: tries that input alone and leaves it in a file." };
    private readonly Option<string?> _grow = new("--grow") { Description = "A corpus folder that gets small inputs with new answers." };
    private readonly Option<long> _addressSpace = new("--address-space") { Description = "MiB of memory for a child process that does the work; 0: none." };
    private readonly Option<string?> _progress = new("--progress") { Description = "A file that always holds the number of the input that is tried.", Hidden = true };

    /// <summary>The command, which hands what it was told to <paramref name="run"/>.</summary>
    public RootCommand Create(Func<FuzzRequest, int> run)
    {
        _target.AcceptOnlyFromAmong([.. FuzzTargets.Names, "all"]);
        var command = new RootCommand("Feeds malformed inputs to the parsers, the same for the same seed.") { _target, _seconds, _iterations, _seed, _reproduce, _grow, _addressSpace, _progress };
        command.SetAction(parsed => run(new FuzzRequest(
            parsed.GetRequiredValue(_target), TimeSpan.FromSeconds(parsed.GetValue(_seconds)), parsed.GetValue(_iterations), parsed.GetValue(_seed), parsed.GetValue(_reproduce),
            parsed.GetValue(_grow), parsed.GetValue(_addressSpace), parsed.GetValue(_progress))));
        return command;
    }
}

/// <summary>What to fuzz and how.</summary>
internal sealed record FuzzRequest(string Target, TimeSpan Time, long Iterations, int Seed, string? Reproduce, string? Grow, long AddressSpace, string? Progress);
