using System.Collections.Concurrent;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>The templates compiled once for each instruction set, in a folder of their own that child processes can use too.</summary>
public sealed class CompiledKernels : IDisposable
{
    private readonly ConcurrentDictionary<SimdKind, Lazy<KernelSet>> sets = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("kernelforge-kernels-").FullName;

    public KernelSet Of(SimdKind kind) => sets.GetOrAdd(kind, k => new Lazy<KernelSet>(() => KernelSet.Compile(k, Folder))).Value;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
