using KernelForge.Graphs;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Architectures;

/// <content>Tensors.</content>
internal sealed partial class ModelReader
{
    private string TypeCode => IsDeclared ? DeclarationCodes.TensorType : ProblemCodes.TensorType;

    public bool HasTensor(string name) => _tensors.ContainsKey(name);

    /// <summary>Whether a tensor is there and consists of blocks of integers.</summary>
    public bool IsQuantized(string name) => _tensors.TryGetValue(name, out var tensor) && Enum.IsDefined(typeof(WeightType), tensor.Type) && PackedLayouts.IsInteger(PackedLayouts.Of((WeightType)tensor.Type));

    /// <summary>The rows of a matrix, before they are known from elsewhere; 0 where there is no such matrix.</summary>
    public long RowsOf(string name) => _tensors.TryGetValue(name, out var tensor) && tensor.Shape.Count == 2 ? tensor.Shape[0] : 0;

    /// <summary>A matrix [rows, columns] that must be there.</summary>
    public Weight Matrix(string name, int rows, int columns)
    {
        var weight = new Weight(name, WeightType.F32, rows, columns);
        if (Take(name) is not { } tensor || !HasShape(tensor, rows, columns))
            return weight;
        if (!Enum.IsDefined(typeof(WeightType), tensor.Type))
        {
            Error(
                TypeCode,
                $"{name} is stored as {GgmlTypes.Name(tensor.Type)}; this version reads {string.Join(", ", Enum.GetNames(typeof(WeightType)))}. Quantize the model to one of these.",
                name);
            return weight;
        }

        weight = weight with { Tensor = tensor.Name };
        var type = (WeightType)tensor.Type;
        if (PackedLayouts.IsInteger(PackedLayouts.Of(type)) && columns % PackedLayouts.Tile != 0)
            Error(ProblemCodes.TensorShape, $"{name} is stored as {type} in rows of {columns} values, which are no whole blocks of 32. Convert the model again.", name);
        return weight with { Type = type };
    }

    /// <summary>Consecutive rows of a matrix [<paramref name="allRows"/>, columns] that must be there.</summary>
    public Weight RowsOf(string name, int allRows, int columns, int first, int rows) =>
        Matrix(name, allRows, columns) with { Rows = rows, View = TensorView.Rows(first, columns) };

    /// <summary>A matrix [rows, columns] that is stored the other way round, as a part of [columns, <paramref name="allRows"/>].</summary>
    public Weight Transposed(string name, int allRows, int columns, int first, int rows) =>
        Turnable(Matrix(name, columns, allRows)) with { Rows = rows, Columns = columns, View = new TensorView(first, 1, 1, 1, allRows) };

    /// <summary>The matrices [rows, columns] of all experts in one tensor [count, columns, rows], which stores them transposed.</summary>
    public Weight TransposedExperts(string name, int count, int rows, int columns) => Turnable(Experts(name, count, columns, rows));

    /// <summary>The matrices [rows, columns] of all experts in one tensor that must be there.</summary>
    public Weight Experts(string name, int count, int rows, int columns)
    {
        var all = (long)count * rows;
        if (_tensors.TryGetValue(name, out var tensor) && tensor.Shape.Count == 3)
            _tensors[name] = HasShape(tensor, count, rows, columns) ? tensor with { Shape = EquatableArray.Create(all, columns) } : tensor;
        if (all <= int.MaxValue)
            return Matrix(name, (int)all, columns);
        Error(ProblemCodes.HyperparameterRange, $"{name} would hold {all} rows; this version reads at most {int.MaxValue}. Convert the model again.", name);
        return new Weight(name, WeightType.F32, 1, columns);
    }

    /// <summary>The taps [columns, taps] of a convolution that treats each column for itself; folders have a 1 between the two.</summary>
    public Weight Taps(string name, int columns, int taps)
    {
        if (_tensors.TryGetValue(name, out var tensor) && tensor.Shape.Count == 3 && tensor.Shape[1] == 1)
            _tensors[name] = tensor with { Shape = EquatableArray.Create(tensor.Shape[0], tensor.Shape[2]) };
        return OfVectorType(Matrix(name, columns, taps));
    }

    /// <summary>Consecutive values of a vector that must be there.</summary>
    public Weight Part(Weight vector, int first, int length) => vector with { Columns = length, View = new TensorView(first, 1, 1, 1, 1) };

    /// <summary>A vector that must be there.</summary>
    public Weight Vector(string name, int length)
    {
        var weight = new Weight(name, WeightType.F32, 1, length);
        if (Take(name) is not { } tensor || !HasShape(tensor, length))
            return weight;
        return OfVectorType(weight with { Tensor = tensor.Name, Type = (WeightType)tensor.Type });
    }

    /// <summary>A matrix [rows, columns] that is stored in more dimensions: [rows, ...], as kernels of convolutions are.</summary>
    public Weight Flattened(string name, params int[] shape)
    {
        var columns = shape.Skip(1).Aggregate(1, (product, size) => product * size);
        if (_tensors.TryGetValue(name, out var tensor))
        {
            if (!HasShape(tensor, Array.ConvertAll(shape, size => (long)size)))
                return new Weight(name, WeightType.F32, shape[0], columns);
            _tensors[name] = tensor with { Shape = EquatableArray.Create<long>(shape[0], columns) };
        }

        return OfVectorType(Matrix(name, shape[0], columns)) with { View = new TensorView(0, 1, columns, columns, 1) };
    }

    /// <summary>A row that is stored as a tensor of more dimensions, all of them 1 but the last.</summary>
    public Weight Row(string name, int length)
    {
        if (_tensors.TryGetValue(name, out var tensor) && tensor.Shape.Count > 1 && tensor.Shape[tensor.Shape.Count - 1] == length && tensor.Shape.Take(tensor.Shape.Count - 1).All(size => size == 1))
            _tensors[name] = tensor with { Shape = EquatableArray.Create<long>(length) };
        return Vector(name, length) with { View = new TensorView(0, 1, 1, 1, 1) };
    }

    /// <summary>Tensors that hold again what others hold need no place.</summary>
    public void AcceptCopies(params string[] names) => _used.UnionWith(names);

    private Weight OfVectorType(Weight vector)
    {
        if (vector.Type is WeightType.F32 or WeightType.F16 or WeightType.BF16)
            return vector;
        Error(TypeCode, $"{vector.Tensor} is stored as {GgmlTypes.Name((int)vector.Type)}; a vector must be F32, F16 or BF16. Convert the model again.", vector.Tensor);
        return vector with { Type = WeightType.F32 };
    }

    /// <summary>A vector of <paramref name="count"/> * <paramref name="length"/> values that is stored as a matrix.</summary>
    public Weight VectorOfRows(string name, int count, int length)
    {
        if (RowsOf(name) == 0)
            return Vector(name, count * length);
        return OfVectorType(Matrix(name, count, length)) with { Rows = 1, Columns = count * length };
    }

    /// <summary>A vector that may be missing.</summary>
    public Weight? OptionalVector(string name, int length) => HasTensor(name) ? Vector(name, length) : null;

    private Weight Turnable(Weight stored)
    {
        if (PackedLayouts.IsInteger(PackedLayouts.Of(stored.Type)))
            Error(TypeCode, $"{stored.Tensor} is stored transposed as {stored.Type}, whose blocks cannot be turned. Use the unquantized model.", stored.Tensor);
        return stored;
    }

    private TensorEntry? Take(string name)
    {
        if (_tensors.TryGetValue(name, out var tensor))
        {
            _used.Add(tensor.Name);
            return tensor;
        }

        if (IsDeclared)
        {
            var nearest = Spelling.Nearest(name, _tensors.Keys) is { } near ? $" The nearest name is {near}." : string.Empty;
            Error(DeclarationCodes.TensorMissing, $"The weights have no tensor {name}.{nearest} Name it with TensorNames, or leave out what needs it.", name);
        }
        else
        {
            Error(ProblemCodes.TensorMissing, $"The tensor {name} is missing. Convert or download the model again.", name);
        }

        return null;
    }

    private bool HasShape(TensorEntry tensor, params long[] shape)
    {
        if (tensor.Shape.SequenceEqual(shape))
            return true;
        var found = $"{tensor.Name} has the shape [{string.Join(", ", tensor.Shape)}]";
        if (IsDeclared)
            Error(DeclarationCodes.TensorShape, $"{found} in the weights; the sizes here ask for [{string.Join(", ", shape)}].", tensor.Name);
        else
            Error(ProblemCodes.TensorShape, $"{found}; the hyper-parameters ask for [{string.Join(", ", shape)}]. Convert the model again.", tensor.Name);
        return false;
    }
}
