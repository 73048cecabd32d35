using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>activation(gate) * up over rows interleaved by 16. Exists between lowering and fusing only: a finished plan computes it in the matmul before.</summary>
public sealed record GateStep(string Name, int Input, int Output, Activation Activation) : Step(Name);

/// <summary>activation(x) of every value. Exists between lowering and fusing only.</summary>
public sealed record ActivateStep(string Name, int Input, int Output, Activation Activation) : Step(Name);
