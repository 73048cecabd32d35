namespace KernelForge.Formats.Tokenizers;

/// <summary>A regular expression that cannot be compiled; the message says why.</summary>
internal sealed class ExpressionException(string message) : Exception(message);
