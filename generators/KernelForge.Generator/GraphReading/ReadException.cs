using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.GraphReading;

/// <summary>Something in a declaration that cannot be read. Never leaves <see cref="GraphReader"/>: it becomes a diagnostic at its place.</summary>
internal sealed class ReadException(string code, string message, Location at) : Exception(message)
{
    public ReadException(string code, string message, SyntaxNode at)
        : this(code, message, at.GetLocation())
    {
    }

    public string Code => code;

    public Location At => at;
}

/// <summary>The C# itself is wrong, which its own compiler says better. Never leaves <see cref="GraphReader"/> either.</summary>
internal sealed class InvalidCodeException(SyntaxNode at) : Exception
{
    public SyntaxNode At => at;
}
