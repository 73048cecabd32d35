namespace KernelForge.Plans;

/// <summary>Prints a plan for people.</summary>
public static class PlanPrinter
{
    /// <summary>One line a step, buffer and tensor; deterministic.</summary>
    public static string Print(Plan plan) => throw new NotSupportedException();
}
