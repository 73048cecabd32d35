using System.Runtime.InteropServices;
using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Safetensors;
using KernelForge.Formats.Weights;

namespace KernelForge.Reference.Weights;

/// <summary>The tensors of a model file, for both interpreters.</summary>
public sealed class ModelSource : IDisposable
{
    private readonly IDisposable _file;
    private readonly Func<string, SourceTensor> _read;
    private readonly Func<string, float[]> _values;

    private ModelSource(IDisposable file, Func<string, SourceTensor> read, Func<string, float[]>? values = null) =>
        (_file, _read, _values) = (file, read, values ?? (name => read(name).Decode()));

    /// <summary>Opens a GGUF file or a folder.</summary>
    public static ModelSource Open(string path)
    {
        var model = ModelFile.Open(path);
        return OpenWeights(model.Weights, model);
    }

    /// <summary>Opens a GGUF file.</summary>
    public static ModelSource OpenGguf(string path)
    {
        var file = GgufFile.Open(path);
        return OpenWeights(file, file);
    }

    private static ModelSource OpenWeights(IWeights weights, IDisposable file)
    {
        WeightTensor Find(string name) => weights.FindWeight(name) ?? throw Missing(weights.Path, name);
        return new ModelSource(
            file,
            name =>
            {
                var tensor = Find(name);
                var bytes = new byte[checked((int)tensor.Rows * tensor.RunBytes)];
                for (var row = 0; row < tensor.Rows; row++)
                {
                    var target = bytes.AsSpan(row * tensor.RunBytes, tensor.RunBytes);
                    tensor.Row(row, target).CopyTo(target);
                }
                return new SourceTensor(tensor.RunType, (int)tensor.Rows, tensor.Columns, bytes)
                {
                    Stored = !tensor.IsConverted ? null : () => new SourceTensor(WeightType.F32, (int)tensor.Rows, tensor.Columns, MemoryMarshal.AsBytes(Exact(name).AsSpan()).ToArray()),
                };
            },
            Exact);

        float[] Exact(string name)
        {
            var tensor = Find(name);
            var values = new float[checked((int)tensor.Rows * tensor.Columns)];
            Parallel.For(0, tensor.Rows, row => tensor.Decode(row, values.AsSpan((int)row * tensor.Columns, tensor.Columns)));
            return values;
        }
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

    /// <summary>A tensor as it is run (docs/quantization.md): as it is stored, or what the packer makes of that.</summary>
    public SourceTensor Tensor(string name) => _read(name);

    /// <summary>The values of a tensor as they are stored, row after row.</summary>
    public float[] Values(string name) => _values(name);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static (int Rows, int Columns) Shape(IEnumerable<long> shape)
    {
        var sizes = shape.ToArray();
        // Matrices of several experts count as one with all their rows.
        return sizes.Length == 1 ? (1, checked((int)sizes[0])) : (checked((int)sizes[..^1].Aggregate((a, b) => a * b)), checked((int)sizes[^1]));
    }

    private static KeyNotFoundException Missing(string path, string name) => new($"{path} has no tensor '{name}'.");
}
