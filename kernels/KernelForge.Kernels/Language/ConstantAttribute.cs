namespace KernelForge.Kernels;

/// <summary>Marks a parameter whose value is known when the template is specialised: an <c>int</c>, a <c>bool</c> or an enum.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ConstantAttribute : Attribute;
