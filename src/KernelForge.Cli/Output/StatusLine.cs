namespace KernelForge.Cli.Output;

/// <summary>A line on the terminal's standard error that shows long work and vanishes; nothing where standard error is no terminal.</summary>
internal sealed class StatusLine(string what) : IProgress<double>
{
    private readonly Lock _lock = new();

    // Its own: what others write may not go back in the line.
    private readonly StreamWriter _terminal = new(Console.OpenStandardError()) { AutoFlush = true };
    private int _shown = -1;

    /// <inheritdoc/>
    public void Report(double value)
    {
        if (Console.IsErrorRedirected)
            return;
        lock (_lock)
        {
            var percent = (int)(value * 100);
            if (percent == _shown)
                return;
            _shown = percent;
            _terminal.Write($"\r{what} ... {percent,3} %");
        }
    }

    /// <summary>Removes the line.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_shown >= 0)
                _terminal.Write($"\r{new string(' ', what.Length + 10)}\r");
            _shown = -1;
        }
    }
}
