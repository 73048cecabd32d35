using KernelForge.Generator.Specialization;

namespace KernelForge.TemplateLanguage;

/// <summary>What a span of a template is.</summary>
internal readonly struct Annotation(int start, int length, AnnotationKind kind, string payload)
{
    public int Start { get; } = start;

    public int Length { get; } = length;

    public AnnotationKind Kind { get; } = kind;

    public string Payload { get; } = payload;
}
