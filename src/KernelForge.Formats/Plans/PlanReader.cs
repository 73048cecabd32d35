using KernelForge.Plans;

namespace KernelForge.Formats.Plans;

/// <summary>Reads the plans that the generator left in an assembly, without loading it.</summary>
public static class PlanReader
{
    /// <summary>The compiled models of an assembly, in the order of their class names; empty when it has none.</summary>
    /// <exception cref="ModelFormatException">The file is no assembly, or a plan in it is damaged.</exception>
    public static IReadOnlyList<CompiledPlan> Read(string assemblyPath) => throw new NotSupportedException(assemblyPath);
}

/// <summary>One compiled model of an assembly.</summary>
/// <param name="ClassName">Full name of its class; the packed file is named after it.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Hash">Hexadecimal hash of the plan.</param>
/// <param name="SourcePath">The model file as the project names it.</param>
public sealed record CompiledPlan(string ClassName, Plan Plan, string Hash, string SourcePath);
