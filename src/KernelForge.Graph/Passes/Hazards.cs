using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Which accesses of different workers must not run at the same time.</summary>
internal static class Hazards
{
    /// <summary>Both touch the same bytes, one of them writes, and they may be different workers' accesses.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="a">One access.</param>
    /// <param name="b">The other.</param>
    /// <param name="oneToken">In a pass of a single token, which has an owner; otherwise in one of several.</param>
    public static bool Conflict(Plan plan, StepAccess a, StepAccess b, bool oneToken)
    {
        if (!a.IsWrite && !b.IsWrite)
            return false;
        if (oneToken && a.Division != Division.Parts && b.Division != Division.Parts)
            return false;
        if (a.Buffer == b.Buffer)
        {
            var isByToken = a.Division == Division.Tokens && b.Division == Division.Tokens;
            return !isByToken && a.Column < b.Column + b.Width && b.Column < a.Column + a.Width;
        }

        return a.Buffer >= 0 && b.Buffer >= 0 && Overlap(plan.Buffers[a.Buffer], plan.Buffers[b.Buffer]);
    }

    /// <summary>What is still to be waited for when other rows become the pass's tokens: they have other owners.</summary>
    public static StepAccess WithoutOwner(StepAccess access) => access with { Division = Division.Parts };

    /// <summary>The buffers share bytes of the workspace.</summary>
    public static bool Overlap(ActivationBuffer a, ActivationBuffer b) =>
        a.OffsetPerToken < b.OffsetPerToken + b.BytesPerToken && b.OffsetPerToken < a.OffsetPerToken + a.BytesPerToken;
}
