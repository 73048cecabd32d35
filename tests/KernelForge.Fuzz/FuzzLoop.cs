using System.Diagnostics;
using System.Text.RegularExpressions;

namespace KernelForge.Fuzz;

/// <summary>Tries one input after the other. Input i of a seed is the same on every machine, so two numbers are enough to see a find again.</summary>
internal sealed partial class FuzzLoop
{
    private const int BytesPerByte = 4;
    private const string Sound = "accepted";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly FuzzTarget _target;
    private readonly List<byte[]> _corpus;
    private readonly int _seed;
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);

    public FuzzLoop(FuzzTarget target, string corpus, int seed)
    {
        _target = target;
        _seed = seed;
        var folder = Path.Combine(corpus, target.Name);
        _corpus = [.. target.Seeds];
        if (Directory.Exists(folder))
            _corpus.AddRange(Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
    }

    /// <summary>Inputs tried.</summary>
    public long Executions { get; private set; }

    /// <summary>Inputs that were accepted.</summary>
    public long Accepted { get; private set; }

    /// <summary>Different answers seen.</summary>
    public int Outcomes => _outcomes.Count;

    /// <summary>Input <paramref name="iteration"/> of this seed.</summary>
    public byte[] Input(long iteration) => _target.Mutate(new Random(unchecked((int)((_seed * 0x9E3779B1L) ^ (iteration * 0x85EBCA6BL)))), _corpus);

    /// <summary>Tries inputs until the time or the number of iterations is over.</summary>
    /// <param name="time">How long.</param>
    /// <param name="most">How many.</param>
    /// <param name="begin">Told of each iteration before it is tried: a crash leaves no other trace.</param>
    /// <param name="keep">Given inputs with an answer not seen before.</param>
    /// <returns>What no input may cause.</returns>
    public IEnumerable<Find> Run(TimeSpan time, long most, Action<long> begin, Action<byte[]>? keep = null)
    {
        var start = Stopwatch.GetTimestamp();
        for (var iteration = 0L; iteration < most && Stopwatch.GetElapsedTime(start) < time; iteration++)
        {
            begin(iteration);
            var input = Input(iteration);
            var (fault, outcome) = Try(input);
            Executions++;
            if (_outcomes.Add(outcome))
                keep?.Invoke(input);
            if (fault is not null)
                yield return new Find(_target.Name, _seed, iteration, input, fault);
        }
    }

    /// <summary>Tries one input; the fault is null where all is well.</summary>
    public (string? Fault, string Outcome) Try(byte[] input)
    {
        var (fault, outcome, elapsed) = Measure(input);
        // The first inputs have the runtime compile the parser, whose time is not the input's: what is slow is slow again.
        if (elapsed > Longest && Measure(input).Elapsed is var again && again > Longest)
            fault ??= $"took {again.TotalSeconds:F1} s";
        if (fault is null && outcome == Sound)
            Accepted++;
        return (fault, outcome);
    }

    private (string? Fault, string Outcome, TimeSpan Elapsed) Measure(byte[] input)
    {
        var outcome = Sound;
        string? fault = null;
        _target.Prepare(input);
        // Processor time: the machine may be busy with others.
        var start = Environment.CpuUsage.TotalTime;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Run(input);
        }
        catch (Exception error) when (_target.IsRefusal(error))
        {
            outcome = Quoted().Replace(error.Message, "*");
        }
        catch (Exception error)
        {
            fault = error.ToString();
            outcome = error.GetType().Name;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated > _target.BaseBytes + ((long)BytesPerByte * input.Length))
            fault ??= $"allocated {allocated:N0} bytes for an input of {input.Length:N0}";
        return (fault, outcome, Environment.CpuUsage.TotalTime - start);
    }

    // What differs between files of one defect: texts in quotes and numbers.
    [GeneratedRegex(@"'[^']*'|[\d,.]+|^[^:]*: ", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Quoted();
}

/// <summary>An input that did what no input may.</summary>
/// <param name="Target">The parser.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Iteration">Number of the input.</param>
/// <param name="Input">The input.</param>
/// <param name="Fault">What it did.</param>
internal sealed record Find(string Target, int Seed, long Iteration, byte[] Input, string Fault)
{
    /// <summary>The command line that shows it again.</summary>
    public string Reproduction => $"dotnet run --project tests/KernelForge.Fuzz -c Release -- {Target} --reproduce {Seed}:{Iteration}";
}
