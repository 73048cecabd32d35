using KernelForge.Generator.Declarations;
using KernelForge.Generator.Specialization;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Generator;

/// <summary>A model between its two halves: planned, not yet printed.</summary>
/// <param name="Name">The class to generate.</param>
/// <param name="Plan">The plan, or null where problems prevented it.</param>
/// <param name="PlanHash">64 lower-case hexadecimal digits; empty without a plan.</param>
/// <param name="SourcePath">The model file, as the packer is to open it.</param>
/// <param name="ChatTemplate">The compiled chat template, or null.</param>
/// <param name="InstructionSets">For which kernels are printed.</param>
/// <param name="Problems">What a person has to mend.</param>
/// <param name="Timed">See <see cref="ModelCompilerOptions"/>.</param>
internal sealed record PlannedModel(
    ClassName Name,
    Plan? Plan,
    string PlanHash,
    string SourcePath,
    string? ChatTemplate,
    EquatableArray<SimdKind> InstructionSets,
    EquatableArray<ModelProblem> Problems,
    bool Timed = false)
{
    /// <summary>How an encoder's authors make one vector of a text; null where they do not say.</summary>
    public TextVector? Vector { get; init; }

    /// <summary>The class declares an encoder, also where its graph could not be read.</summary>
    public bool IsEncoder { get; init; }

    /// <summary>Problems of a graph that the class declares.</summary>
    public EquatableArray<PartProblem> PartProblems { get; init; }

    /// <summary>A model of which nothing is known but its name.</summary>
    public static PlannedModel Unknown(ClassName name, EquatableArray<ModelProblem> problems) =>
        new(name, null, string.Empty, string.Empty, null, default, problems);
}

/// <summary>A problem of a declared graph.</summary>
/// <param name="Problem">What a person has to mend; where it says an argument, it is about that.</param>
/// <param name="Part">The part it is about, by its place; -1: the whole.</param>
internal sealed record PartProblem(ModelProblem Problem, int Part);
