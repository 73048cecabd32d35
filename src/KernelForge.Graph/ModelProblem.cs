namespace KernelForge;

/// <summary>Something a person can mend: what was found, where, what to do.</summary>
/// <param name="Code">Diagnostic id, <c>KF....</c>; all ids stand in docs/diagnostics.md.</param>
/// <param name="Message">One sentence or two.</param>
/// <param name="Where">Metadata key or tensor name, or null.</param>
public sealed record ModelProblem(string Code, string Message, string? Where = null);
