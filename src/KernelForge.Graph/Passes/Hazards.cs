using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Which accesses of different workers must not run at the same time.</summary>
internal static class Hazards
{
    /// <summary>Both touch the same bytes and one of them writes.</summary>
    public static bool Conflict(Plan plan, StepAccess a, StepAccess b)
    {
        if (!a.IsWrite && !b.IsWrite)
            return false;
        if (a.Buffer == b.Buffer)
            return a.Column < b.Column + b.Width && b.Column < a.Column + a.Width;
        return a.Buffer >= 0 && b.Buffer >= 0 && Overlap(plan.Buffers[a.Buffer], plan.Buffers[b.Buffer]);
    }

    /// <summary>The buffers share bytes of the workspace.</summary>
    public static bool Overlap(ActivationBuffer a, ActivationBuffer b) =>
        a.OffsetPerToken < b.OffsetPerToken + b.BytesPerToken && b.OffsetPerToken < a.OffsetPerToken + a.BytesPerToken;
}
