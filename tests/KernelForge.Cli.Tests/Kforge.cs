using KernelForge.Reference.RandomModels;

namespace KernelForge.Cli.Tests;

/// <summary>Runs kforge in this process, with its own compiler cache, and keeps what it printed.</summary>
public sealed class Kforge : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string? _cache = Environment.GetEnvironmentVariable("KFORGE_CACHE");

    public Kforge() => Environment.SetEnvironmentVariable("KFORGE_CACHE", Path.Combine(Folder, "cache"));

    /// <summary>A folder that vanishes with the tests.</summary>
    public string Folder => _folder.Root;

    public string this[string name] => _folder[name];

    /// <summary>A small random model under a name of its own, made by the first test that asks for it.</summary>
    public string Model(string name) => File.Exists(this[name]) ? this[name] : RandomModel.Create(21).Save(Folder, name);

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string name, byte[] bytes) => _folder.Write(name, bytes);

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
        _folder.Dispose();
    }
}

/// <summary>One kforge for all tests: the console is shared.</summary>
[CollectionDefinition("kforge")]
public class KforgeCollection : ICollectionFixture<Kforge>;
