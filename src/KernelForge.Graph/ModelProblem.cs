namespace KernelForge;

/// <summary>Something a person can mend: what was found, where, what to do.</summary>
/// <param name="Code">Diagnostic id, one of <see cref="ProblemCodes"/>; all ids stand in docs/diagnostics.md.</param>
/// <param name="Message">One sentence or two.</param>
/// <param name="Where">Metadata key or tensor name, or null.</param>
/// <param name="Severity">Whether a plan can still be made.</param>
public sealed record ModelProblem(string Code, string Message, string? Where = null, ProblemSeverity Severity = ProblemSeverity.Error)
{
    /// <summary>The model cannot be compiled.</summary>
    public bool IsError => Severity == ProblemSeverity.Error;
}

/// <summary>How bad a problem is.</summary>
public enum ProblemSeverity
{
    /// <summary>The model cannot be compiled.</summary>
    Error,

    /// <summary>The model works; something about it may surprise.</summary>
    Warning,
}
