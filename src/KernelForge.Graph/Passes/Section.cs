using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Steps that become one call, while they are lowered.</summary>
internal sealed class Section(string name, int cacheLayer)
{
    public string Name { get; } = name;

    public int CacheLayer { get; } = cacheLayer;

    public List<PackedTensor> Tensors { get; } = [];

    public List<Step> Steps { get; } = [];

    /// <summary>Adds a tensor and answers its index.</summary>
    public int Add(PackedTensor tensor)
    {
        Tensors.Add(tensor);
        return Tensors.Count - 1;
    }
}

/// <summary>Buffers by name and shape.</summary>
internal sealed class BufferTable
{
    private readonly List<ActivationBuffer> _buffers = [];

    public int Of(string name, int width, ActivationFormat format = ActivationFormat.Float, int rows = 1)
    {
        var found = _buffers.FindIndex(buffer => buffer.Name == name && buffer.Width == width && buffer.Format == format && buffer.Rows == rows);
        if (found >= 0)
            return found;
        _buffers.Add(new ActivationBuffer(name, width, format, 0, rows * PackedLayouts.RowBytes(width, format), rows));
        return _buffers.Count - 1;
    }

    public ActivationBuffer this[int buffer] => _buffers[buffer];

    public EquatableArray<ActivationBuffer> ToEquatableArray() => new(_buffers);
}
