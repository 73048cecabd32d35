namespace KernelForge.Generator.Specialization;

/// <summary>The kernel templates, annotated by our own build, parsed once and shared.</summary>
public sealed class TemplateLibrary
{
    private static readonly Lazy<TemplateLibrary> Shared = new(() => new TemplateLibrary());

    /// <summary>The templates of <c>kernels/KernelForge.Kernels</c> as they were when this assembly was built.</summary>
    public static TemplateLibrary Default => Shared.Value;
}
