namespace KernelForge;

/// <summary>A model file that cannot be used: what was found, where, and what to do.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Describes a defect.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="problem">What was found, as a sentence without its full stop.</param>
    /// <param name="key">Metadata key or tensor name, or null.</param>
    /// <param name="offset">Byte offset in the file, or -1.</param>
    /// <param name="remedy">What to do.</param>
    /// <param name="inner">What failed underneath, or null.</param>
    public ModelFormatException(string file, string problem, string? key = null, long offset = -1, string? remedy = null, Exception? inner = null)
        : base(Compose(file, problem, key, offset, remedy ?? DefaultRemedy), inner)
    {
        File = file;
        Problem = problem;
        Key = key;
        Offset = offset;
        Remedy = remedy ?? DefaultRemedy;
    }

    private const int MostProblem = 400;

    /// <summary>The advice where nothing better is known.</summary>
    public const string DefaultRemedy = "The file is damaged or was not written by a conforming tool: download or convert it again.";

    /// <summary>Diagnostic id, of <see cref="ProblemCodes"/>.</summary>
    public string Code { get; init; } = ProblemCodes.FileUnreadable;

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>What was found.</summary>
    public string Problem { get; }

    /// <summary>Metadata key or tensor name, or null.</summary>
    public string? Key { get; }

    /// <summary>Byte offset in the file, or -1.</summary>
    public long Offset { get; }

    /// <summary>What to do.</summary>
    public string Remedy { get; }

    private static string Compose(string file, string problem, string? key, long offset, string remedy)
    {
        var where = (key, offset) switch
        {
            (null, < 0) => "",
            (null, _) => $" (offset {offset:N0})",
            (_, < 0) => $" ('{Printable(key)}')",
            _ => $" ('{Printable(key)}', offset {offset:N0})",
        };
        return $"{file}: {Printable(problem, MostProblem)}{where}. {remedy}";
    }

    // Names and texts come from the file: a terminal must not obey them.
    private static string Printable(string text, int most = 80)
    {
        var shown = text.Length > most ? string.Concat(text.AsSpan(0, most), "...") : text;
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }
}
