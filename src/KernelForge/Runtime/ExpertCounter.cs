namespace KernelForge.Runtime;

/// <summary>How many tokens each expert of each layer was chosen for; generated code counts.</summary>
/// <param name="experts">Experts of each layer.</param>
internal sealed unsafe class ExpertCounter(IReadOnlyList<int> experts) : IDisposable
{
    private readonly int _stride = experts.Count == 0 ? 0 : experts.Max();
    private readonly NativeBuffer _memory = new(Math.Max(1, experts.Count * (experts.Count == 0 ? 0 : experts.Max())) * sizeof(long));

    /// <summary>[layers, the most experts of a layer], zeros at first.</summary>
    public long* Counts => (long*)_memory.Pointer;

    /// <summary>A copy, [layer][expert].</summary>
    public long[][] ToArrays() => [.. experts.Select((count, layer) => new ReadOnlySpan<long>(Counts + (layer * _stride), count).ToArray())];

    public void Dispose() => _memory.Dispose();
}
