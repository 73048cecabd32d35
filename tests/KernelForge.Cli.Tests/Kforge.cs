using KernelForge.Cli;

namespace KernelForge.Cli.Tests;

/// <summary>Runs kforge in this process, with its own compiler cache, and keeps what it printed.</summary>
public sealed class Kforge : IDisposable
{
    private readonly string? _cache = Environment.GetEnvironmentVariable("KFORGE_CACHE");

    public Kforge() => Environment.SetEnvironmentVariable("KFORGE_CACHE", Path.Combine(Folder, "cache"));

    /// <summary>A folder that vanishes with the tests.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("kforge-cli-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Runs one command line.</summary>
    public static (int Code, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var capturedOutput = new StringWriter();
        using var capturedError = new StringWriter();
        Console.SetOut(capturedOutput);
        Console.SetError(capturedError);
        try
        {
            return (CommandLine.Run(args), capturedOutput.ToString(), capturedError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("KFORGE_CACHE", _cache);
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>One kforge for all tests: the console is shared.</summary>
[CollectionDefinition("kforge")]
public class KforgeCollection : ICollectionFixture<Kforge>;
