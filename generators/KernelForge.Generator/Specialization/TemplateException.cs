namespace KernelForge.Generator.Specialization;

/// <summary>A template or a request that cannot be specialised. The message starts with the place: <c>MatMulInt.cs(12,5): ...</c>.</summary>
public sealed class TemplateException(string message) : Exception(message);
