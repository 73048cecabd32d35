namespace KernelForge.Generator.Specialization;

/// <summary>What a span of a template is.</summary>
internal readonly struct Annotation(AnnotationKind kind, string payload)
{
    public AnnotationKind Kind { get; } = kind;

    public string Payload { get; } = payload;
}
