using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Generator.Declarations;

/// <summary>A place in a file, compared by value; a <see cref="Location"/> would keep its syntax tree alive.</summary>
public sealed record SourcePlace(string Path, TextSpan Span, LinePositionSpan Lines)
{
    /// <summary>The place of a token or node.</summary>
    public static SourcePlace Of(Location location) => new(location.SourceTree?.FilePath ?? string.Empty, location.SourceSpan, location.GetLineSpan().Span);

    /// <summary>The first line of <paramref name="text"/> that holds <paramref name="words"/>, or else the first line.</summary>
    public static SourcePlace LineWith(string path, string text, string? words)
    {
        var at = string.IsNullOrEmpty(words) ? -1 : text.IndexOf(words, StringComparison.Ordinal);
        var source = SourceText.From(text);
        var line = source.Lines.GetLineFromPosition(Math.Max(at, 0));
        return new(path, line.Span, source.Lines.GetLinePositionSpan(line.Span));
    }

    /// <summary>For a diagnostic.</summary>
    public Location ToLocation() => Location.Create(Path, Span, Lines);
}
