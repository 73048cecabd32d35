using KernelForge.Generator.Declarations;
using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.Diagnostics;

/// <summary>A problem and its place, compared by value: what travels through the pipeline instead of a <see cref="Diagnostic"/>.</summary>
internal sealed record ProblemReport(ModelProblem Problem, SourcePlace? Place)
{
    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptors.Of(Problem.Code), Place?.ToLocation() ?? Location.None, Problem.Message);
}
