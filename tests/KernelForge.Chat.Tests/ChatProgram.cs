using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

// Each program has the machine for itself: several at once would only take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace KernelForge.Chat.Tests;

/// <summary>The chat program in a process of its own, as it was built.</summary>
internal sealed partial class ChatProgram : IDisposable
{
    private const int SigInt = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;

    private ChatProgram(string assembly, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(Collect(_process.StandardOutput, _output), Collect(_process.StandardError, _error));
    }

    /// <summary>The folder it was built into.</summary>
    public static string Folder { get; } = Repository.Built("src/KernelForge.Chat");

    /// <summary>What it has written to standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>What it has written to standard error so far.</summary>
    public string Error => Text(_error);

    /// <summary>Starts it; what is written to it comes later.</summary>
    public static ChatProgram Start(params string[] arguments) => new(Path.Combine(Folder, "KernelForge.Chat.dll"), arguments);

    /// <summary>Runs it to its end with nothing on standard input.</summary>
    public static ChatResult Run(params string[] arguments) => Run([], arguments);

    /// <summary>Runs it to its end.</summary>
    public static ChatResult Run(byte[] input, params string[] arguments)
    {
        using var program = Start(arguments);
        program.Write(input);
        return program.End();
    }

    /// <summary>Runs a copy in another folder.</summary>
    public static ChatResult RunIn(string folder, params string[] arguments)
    {
        using var program = new ChatProgram(Path.Combine(folder, "KernelForge.Chat.dll"), arguments);
        return program.End();
    }

    /// <summary>Lines for its standard input.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Kill(_process.Id, SigInt).ShouldBe(0);

    /// <summary>Waits until something is so.</summary>
    public void WaitUntil(Func<ChatProgram, bool> condition) =>
        SpinWait.SpinUntil(() => condition(this) || _process.HasExited, Patience).ShouldBeTrue($"waited in vain; output '{Output}', error '{Error}'");

    /// <summary>Closes standard input and waits for the end.</summary>
    public ChatResult End()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already and reads no more.
        }
        _process.WaitForExit(Patience).ShouldBeTrue($"did not end; output '{Output}', error '{Error}'");
        _reading.Wait(Patience);
        return new ChatResult(_process.ExitCode, Output, Error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private static async Task Collect(StreamReader reader, StringBuilder text)
    {
        var buffer = new char[1024];
        while (await reader.ReadAsync(buffer) is var count and > 0)
        {
            lock (text)
                text.Append(buffer, 0, count);
        }
    }

    private void Write(byte[] input)
    {
        try
        {
            _process.StandardInput.BaseStream.Write(input);
            _process.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
            // It refused its command line and reads nothing.
        }
    }
}

/// <summary>How the program ended.</summary>
internal sealed record ChatResult(int Code, string Output, string Error)
{
    /// <summary>It did what it was asked for.</summary>
    public ChatResult ShouldSucceed()
    {
        Code.ShouldBe(0, Error);
        return this;
    }

    /// <summary>It refused, in words for people; returns them.</summary>
    public string ShouldRefuse(int code)
    {
        Code.ShouldBe(code, Error);
        Error.ShouldNotBeNullOrWhiteSpace();
        Error.ShouldNotContain("   at ");
        Error.ShouldNotContain("Exception");
        Error.ShouldNotContain("System.");
        return Error;
    }
}
