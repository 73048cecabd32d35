using KernelForge.Graphs;
using KernelForge.Reference.RandomModels;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>The tensors of a random graph: drawn as its nodes ask for them, stored in every way that a view can show.</summary>
/// <param name="random">Where they are drawn from.</param>
/// <param name="types">Of matrices, where their rows permit.</param>
internal sealed class RandomWeights(Random random, IReadOnlyList<WeightType> types)
{
    private readonly Dictionary<string, SourceTensor> _tensors = [];
    private readonly Dictionary<string, (WeightType Type, Storage Storage)> _forms = [];
    private readonly GgufWriter _writer = new GgufWriter().Add("general.architecture", "random");

    private enum Storage
    {
        Whole,
        Rows,
        Alternating,
        Transposed,
    }

    public SourceTensor this[string name] => _tensors[name];

    /// <summary>All of them in a GGUF file.</summary>
    public byte[] ToFile() => _writer.ToArray();

    /// <summary>A vector, alone or among other values.</summary>
    public Weight Vector(int length, float mean, float deviation)
    {
        var before = random.Next(3) == 0 ? random.Next(1, 5) : 0;
        var view = before == 0 ? null : new TensorView(before, 1, 1, 1, 1);
        return new Weight(Add(RandomTensors.Vector(random, before + length, mean, deviation), isVector: true), WeightType.F32, 1, length, view);
    }

    /// <summary>A matrix; equal keys give the same type, stored in the same way.</summary>
    public Weight Matrix(string key, int rows, int columns) => Experts(key, 1, rows, columns)[0];

    /// <summary>Matrices of one shape in one tensor.</summary>
    public Weight[] Experts(string key, int count, int rows, int columns)
    {
        if (!_forms.TryGetValue(key, out var form))
            _forms[key] = form = Draw(columns);
        var (type, storage) = form;
        (int Rows, int Columns) all = storage switch
        {
            Storage.Transposed => (count * columns, rows),
            Storage.Rows => (count * (rows + 3), columns),
            Storage.Alternating => (count * rows * 2, columns),
            _ => (count * rows, columns),
        };
        var name = Add(RandomTensors.Matrix(random, type, all.Rows, all.Columns), isVector: false);
        return [.. Enumerable.Range(0, count).Select(i => new Weight(name, type, rows, columns, storage switch
        {
            Storage.Transposed => new TensorView((long)i * columns * rows, 1, 1, 1, rows),
            Storage.Rows => TensorView.Rows((i * (rows + 3)) + 2, columns),
            Storage.Alternating => new TensorView(((i * 2 * rows) + 1) * columns, 1, 2 * columns, 2 * columns, 1),
            _ => count == 1 ? null : TensorView.Rows(i * rows, columns),
        }))];
    }

    /// <summary>A vector of factors that no view shows.</summary>
    public string Factors(int length) => Add(RandomTensors.Vector(random, length, 3f, 0.4f), isVector: true);

    private (WeightType Type, Storage Storage) Draw(int columns)
    {
        var possible = types.Where(type => RandomBatch.IsFloat(type) || columns % SourceTensor.BlockLength == 0).ToArray();
        var type = possible[random.Next(possible.Length)];
        var storage = random.Next(2) == 0 ? Storage.Whole : (Storage)random.Next(RandomBatch.IsFloat(type) ? 4 : 3);
        return (type, storage);
    }

    private string Add(SourceTensor tensor, bool isVector)
    {
        var name = $"tensor{_tensors.Count}";
        _tensors.Add(name, tensor);
        _writer.Add(name, tensor, isVector);
        return name;
    }
}
