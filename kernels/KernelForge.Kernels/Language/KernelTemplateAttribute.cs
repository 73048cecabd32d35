namespace KernelForge.Kernels;

/// <summary>Marks a class whose methods are written in the template language (docs/templates.md), so that they can be specialised.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KernelTemplateAttribute : Attribute;
