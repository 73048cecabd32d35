namespace KernelForge.Runtime;

/// <summary>Threads that run one forward pass together.</summary>
public sealed class ThreadTeam
{
    /// <summary>Waits until all workers of the pass have arrived.</summary>
    public void Barrier(int worker) => throw new NotSupportedException($"worker {worker}");
}
