using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>Scratch memory of the kernels. It stays in the second-level cache.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class KernelScratch
{
    /// <summary>Bytes that a kernel may use on each worker, 64-byte aligned.</summary>
    public const int Bytes = 256 * 1024;
}
