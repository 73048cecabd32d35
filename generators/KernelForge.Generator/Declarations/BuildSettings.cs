using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelForge.Generator.Declarations;

/// <summary>What the project says about all its models.</summary>
public sealed record BuildSettings(
    EquatableArray<string> InstructionSets,
    string Target,
    bool PublishAot,
    string IlcInstructionSet,
    string Processor,
    bool AllowUnsafe)
{
    /// <summary>
    /// A NativeAOT image is compiled for one instruction set, and without a word about it for SSE2: every vector kernel would become scalar code.
    /// Only x64 has this gap; on Arm64 AdvSimd is part of the baseline. What was meant (KernelForgeTarget) does not count, only what ILC is told.
    /// </summary>
    public bool WouldScalarise => PublishAot && Processor != "arm64" && !CoversAvx2(IlcInstructionSet);

    /// <summary>What was asked for, in words.</summary>
    public string TargetWords =>
        (IlcInstructionSet.Length > 0 ? $"IlcInstructionSet is \"{IlcInstructionSet}\"" : "no IlcInstructionSet is set")
        + (Target.Length > 0 ? $", KernelForgeTarget is \"{Target}\"" : string.Empty);

    internal static BuildSettings Read(AnalyzerConfigOptions options)
    {
        string Get(string key) => options.TryGetValue(key, out var value) ? value.Trim() : string.Empty;

        return new(
            Get(BuildKeys.InstructionSets).Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries).ToEquatableArray(),
            Get(BuildKeys.Target),
            IsTrue(Get(BuildKeys.PublishAot)),
            Get(BuildKeys.IlcInstructionSet),
            Get(BuildKeys.Processor),
            IsTrue(Get(BuildKeys.AllowUnsafeBlocks)));
    }

    private static bool IsTrue(string text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>ILC accepts processor levels and single sets; a set brings those below it with it. Its own escapes for commas are undone first.</summary>
    private static bool CoversAvx2(string instructionSet)
    {
        foreach (var part in instructionSet.Replace("%2C", ",").Replace("%2c", ",").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is "native" or "avx2" or "x86-64-v3" or "x86-64-v4" or "x86-x64-v3" or "x86-x64-v4" or "haswell" or "skylake" or "avxvnni"
                || part.StartsWith("avx512", StringComparison.Ordinal)
                || part.StartsWith("avx10", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
