using KernelForge.Generator.Specialization;

namespace KernelForge.Generator.Emission;

/// <summary>Which instruction sets a class has kernels for, and which of them runs where.</summary>
internal static class InstructionSetChoice
{
    /// <summary>All of them, the widest first.</summary>
    private static readonly SimdKind[] All = [SimdKind.Avx512, SimdKind.Avx2Vnni, SimdKind.Avx2, SimdKind.AdvSimd, SimdKind.Portable];

    /// <summary>The kinds that were asked for, in our order; all where none was named.</summary>
    /// <param name="names">As the user wrote them.</param>
    /// <param name="problems">Receives names that do not exist.</param>
    public static IReadOnlyList<SimdKind> Parse(IReadOnlyList<string> names, List<ModelProblem> problems)
    {
        if (names.Count == 0)
            return All;
        var known = names.ToLookup(name => All.Any(kind => Is(kind, name)));
        foreach (var name in known[false])
        {
            problems.Add(new(
                Diagnostics.GeneratorCodes.InstructionSetUnknown,
                $"KernelForgeInstructionSets names {name}, which does not exist. Known are {string.Join(", ", All)}."));
        }

        return All.Where(kind => known[true].Any(name => Is(kind, name))).ToArray();
    }

    /// <summary>The kernels that serve a processor of this kind: its own, or the next that it also runs. Null where there are none.</summary>
    public static SimdKind? ServedBy(SimdKind processor, IReadOnlyList<SimdKind> emitted)
    {
        // A processor with AVX-512 need not have AVX-VNNI, so that one is no fallback for it.
        SimdKind[] candidates = processor switch
        {
            SimdKind.Avx512 => [SimdKind.Avx512, SimdKind.Avx2, SimdKind.Portable],
            SimdKind.Avx2Vnni => [SimdKind.Avx2Vnni, SimdKind.Avx2, SimdKind.Portable],
            SimdKind.Avx2 => [SimdKind.Avx2, SimdKind.Portable],
            SimdKind.AdvSimd => [SimdKind.AdvSimd, SimdKind.Portable],
            _ => [SimdKind.Portable],
        };
        foreach (var candidate in candidates)
        {
            if (emitted.Contains(candidate))
                return candidate;
        }

        return null;
    }

    /// <summary>What processors may say of themselves, in the order of the generated switch.</summary>
    public static IReadOnlyList<SimdKind> Processors => All;

    private static bool Is(SimdKind kind, string name) => string.Equals(kind.ToString(), name, StringComparison.OrdinalIgnoreCase);
}
