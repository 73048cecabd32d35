using System.CommandLine;
using KernelForge.Compilation;
using KernelForge.Options;
using KernelForge.Plans;

namespace KernelForge.Cli.Commands;

/// <summary>The model and the options that every command shares which compiles one.</summary>
internal sealed class ModelArguments
{
    private readonly Argument<string> _model = new("MODEL") { Description = "The model: a .gguf file, or a folder with config.json and safetensors." };
    private readonly Option<string> _activations = new("--activations") { Description = "Numbers that meet quantized weights: int12, int8 or float.", DefaultValueFactory = _ => "int12" };
    private readonly Option<string> _cache = new("--kv") { Description = "Key-value cache: f16, int8 or f32.", DefaultValueFactory = _ => "f16" };
    private readonly Option<int> _context = NumberOption.Create(0, "Longest sequence in tokens; 0: the model's own.", "--context", "-c");
    private readonly Option<int> _threads = NumberOption.Create(0, "Threads; 0: one for each physical core.", "--threads", "-t");
    private readonly Option<bool> _pin = new("--pin") { Description = "Keep each thread on a core of its own (Linux)." };
    private readonly Option<bool> _noMachineCode = new("--no-machine-code") { Description = "Run the C# kernels only, no 512-bit VNNI or AMX: slower, the same results." };

    private readonly SafetyArguments _safety;

    /// <summary>Adds argument and options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hasCache">Whether a key-value cache is part of what it does.</param>
    public ModelArguments(Command command, bool hasCache = true)
    {
        OptionMessages.AcceptOnly(_activations, "int12", "int8", "float");
        OptionMessages.AcceptOnly(_cache, "f16", "int8", "f32");
        Ranges.Require(_context, 0, int.MaxValue);
        Ranges.Require(_threads, 0, 1024);
        command.Add(_model);
        command.Add(_activations);
        if (hasCache)
            command.Add(_cache);
        command.Add(_context);
        command.Add(_threads);
        command.Add(_pin);
        command.Add(_noMachineCode);
        _safety = new SafetyArguments(command);
    }

    /// <summary>What the user wrote.</summary>
    public ModelRequest Read(ParseResult parsed) => new(
        parsed.GetRequiredValue(_model),
        parsed.GetValue(_activations) switch { "float" => ActivationMode.Float, "int8" => ActivationMode.Int8, _ => ActivationMode.Int12 },
        parsed.GetValue(_cache) switch { "int8" => KeyValueFormat.Int8, "f32" => KeyValueFormat.F32, _ => KeyValueFormat.F16 },
        parsed.GetValue(_context),
        parsed.GetValue(_threads),
        !parsed.GetValue(_noMachineCode))
    {
        PinsThreads = parsed.GetValue(_pin),
        Safety = _safety.Read(parsed),
    };
}

/// <summary>Which model, compiled and loaded how.</summary>
/// <param name="Path">The model file.</param>
/// <param name="Activations">Numbers that meet quantized weights.</param>
/// <param name="Cache">How keys and values are stored.</param>
/// <param name="Context">Longest sequence; 0: the model's own.</param>
/// <param name="Threads">Threads; 0: one for each physical core.</param>
/// <param name="UseMachineCode">Whether machine code may run.</param>
/// <param name="Timed">Compiled so that every step is timed.</param>
internal sealed record ModelRequest(string Path, ActivationMode Activations, KeyValueFormat Cache, int Context, int Threads, bool UseMachineCode, bool Timed = false)
{
    /// <summary>Whether the chosen experts are counted.</summary>
    public bool CountsExperts { get; init; }

    /// <summary>Whether each thread stays on a core.</summary>
    public bool PinsThreads { get; init; }

    /// <summary>What bounds memory and guards the weights; the rest of these options is not used.</summary>
    public ModelOptions Safety { get; init; } = new();

    /// <summary>What of it decides the plan. Cache and context are chosen when the model is loaded, so that one compilation serves all.</summary>
    public PlanOptions PlanOptions => new(Activations);
}
