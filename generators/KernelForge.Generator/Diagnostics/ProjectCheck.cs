using KernelForge.Generator.Declarations;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Diagnostics;

/// <summary>Whether the project can compile what is generated for it.</summary>
/// <param name="CanCompile">Otherwise only skeletons are generated, so that one clear error is not buried under a thousand.</param>
/// <param name="InstructionSets">Which the project asks for; empty: all.</param>
/// <param name="Problems">What a person has to mend.</param>
internal sealed record ProjectCheck(bool CanCompile, EquatableArray<string> InstructionSets, EquatableArray<ModelProblem> Problems)
{
    /// <summary>The oldest C# that generated code compiles with.</summary>
    public const LanguageVersion OldestLanguage = LanguageVersion.CSharp12;

    public static ProjectCheck Of(LanguageVersion language, BuildSettings settings)
    {
        var problems = new List<ModelProblem>();
        if (language < OldestLanguage)
        {
            problems.Add(new(
                GeneratorCodes.LanguageTooOld,
                $"The project compiles with C# {language.ToDisplayString()}; generated models need C# {OldestLanguage.ToDisplayString()} or later. Remove LangVersion from the project or raise it."));
        }

        if (!settings.AllowUnsafe)
        {
            problems.Add(new(
                GeneratorCodes.UnsafeNotAllowed,
                "Generated kernels are unsafe code, which this project does not allow. Set <AllowUnsafeBlocks>true</AllowUnsafeBlocks>; the KernelForge package does so unless the project turns it off."));
        }

        var canCompile = problems.Count == 0;
        if (settings.WouldScalarise)
        {
            problems.Add(new(
                GeneratorCodes.TargetWouldScalarise,
                $"The native executable would hold no AVX2 code and run tens of times slower ({settings.TargetWords}). Set <KernelForgeTarget> to x64-v3 (the default), x64-v4 or native, or let IlcInstructionSet include avx2."));
        }

        return new(canCompile, settings.InstructionSets, problems.ToEquatableArray());
    }
}
