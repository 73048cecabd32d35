namespace KernelForge.Cli;

/// <summary>Something the user can mend; the message says what and how.</summary>
internal sealed class UserException(string message) : Exception(message);
