namespace KernelForge.Chat;

/// <summary>Exit codes that are not zero.</summary>
internal static class ExitCodes
{
    /// <summary>Something could not be done.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}

/// <summary>One line on standard error.</summary>
internal static class ErrorOutput
{
    public static void Write(string message) => Console.Error.WriteLine(message);
}
