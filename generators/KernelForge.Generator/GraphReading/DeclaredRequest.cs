using KernelForge.Generator.Declarations;

namespace KernelForge.Generator.GraphReading;

/// <summary>A request and the graph that its class declares; null: the graph is the one of the model's architecture.</summary>
internal sealed record DeclaredRequest(ModelRequest Request, DeclaredGraph? Graph);
