using KernelForge.Formats.Gguf;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Reference.Weights;

/// <summary>The tensors of a model file, for both interpreters.</summary>
public sealed class ModelSource : IDisposable
{
    private readonly IDisposable _file;
    private readonly Func<string, SourceTensor> _read;

    private ModelSource(IDisposable file, Func<string, SourceTensor> read) => (_file, _read) = (file, read);

    /// <summary>Opens a GGUF file.</summary>
    public static ModelSource OpenGguf(string path)
    {
        var file = GgufFile.Open(path);
        return new ModelSource(file, name =>
        {
            var tensor = file.FindTensor(name) ?? throw Missing(path, name);
            var (rows, columns) = Shape(tensor.Shape);
            return new SourceTensor((WeightType)tensor.Type.Id, rows, columns, file.Bytes(tensor).ToArray());
        });
    }

    /// <summary>Opens a safetensors file.</summary>
    public static ModelSource OpenSafetensors(string path)
    {
        var file = SafetensorsFile.Open(path);
        return new ModelSource(file, name =>
        {
            var tensor = file.Find(name) ?? throw Missing(path, name);
            var (rows, columns) = Shape(tensor.Shape);
            return new SourceTensor(Enum.Parse<WeightType>(tensor.Type), rows, columns, file.Bytes(tensor).ToArray());
        });
    }

    /// <summary>A tensor as it is stored.</summary>
    public SourceTensor Tensor(string name) => _read(name);

    /// <summary>The values of a tensor, row after row.</summary>
    public float[] Values(string name) => _read(name).Decode();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static (int Rows, int Columns) Shape(IEnumerable<long> shape)
    {
        var sizes = shape.ToArray();
        return sizes.Length == 1 ? (1, checked((int)sizes[0])) : (checked((int)sizes[0]), checked((int)sizes[1]));
    }

    private static KeyNotFoundException Missing(string path, string name) => new($"{path} has no tensor '{name}'.");
}
