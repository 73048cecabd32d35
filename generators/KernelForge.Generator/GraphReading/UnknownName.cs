using System.Globalization;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Language;
using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.GraphReading;

/// <summary>
/// Names that a declaration uses and the generator does not know. Another source generator may make them: the C# compiler, which sees what that one adds, then
/// has nothing to say, so it is said here.
/// </summary>
internal static class UnknownName
{
    // No such name, member of a type, member of a value, type, type of a namespace, type within a type.
    private static readonly HashSet<string> Codes = ["CS0103", "CS0117", "CS1061", "CS0246", "CS0234", "CS0426"];

    /// <summary>What to say of code that means nothing; null where the C# compiler says it.</summary>
    /// <param name="compilation">The program, without what other generators add.</param>
    /// <param name="at">The code.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ProblemReport? Problem(Microsoft.CodeAnalysis.Compilation compilation, SyntaxNode at, CancellationToken cancellation)
    {
        var errors = compilation.GetSemanticModel(at.SyntaxTree).GetDiagnostics(at.Span, cancellation).Where(error => error.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Exists(error => !Codes.Contains(error.Id)))
            return null;
        var (what, place) = errors.Count > 0
            ? (errors[0].GetMessage(CultureInfo.InvariantCulture).TrimEnd('.') + ".", errors[0].Location)
            : ("The generator cannot make out what this means.", at.GetLocation());
        return new ProblemReport(
            new ModelProblem(DeclarationCodes.ExpressionUnsupported, $"{what} A declaration is read before other source generators have run, so it cannot use what they make. Write it in a file of your own."),
            SourcePlace.Of(place));
    }
}
