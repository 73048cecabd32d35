namespace KernelForge.Plans;

/// <summary>Adds one float buffer to another. Exists between lowering and fusing only: a finished plan adds in the matmul before.</summary>
public sealed record AddStep(string Name, int Input, int Output) : Step(Name);

/// <summary>activation(gate) * up over rows interleaved by 16. Exists between lowering and fusing only.</summary>
public sealed record GateStep(string Name, int Input, int Output) : Step(Name);
