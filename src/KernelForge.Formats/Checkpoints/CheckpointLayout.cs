using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Checkpoints;

/// <summary>A way in which published checkpoints store a quantized matrix as several tensors. One subclass a layout, one file each.</summary>
internal abstract class CheckpointLayout
{
    /// <summary>Keys of <c>config.json</c> that say how matrices are stored; what they mean for a model is settled here.</summary>
    public static readonly IReadOnlyList<string> Keys = ["quantization", "quantization_config", "compression_config"];

    private const string Readable = "Use the unquantized model, a GGUF file, or a checkpoint of GPTQ, AWQ, compressed-tensors, MLX, FP8 or MXFP4.";

    /// <summary>The matrices that are stored in this way.</summary>
    /// <exception cref="ModelFormatException">Tensors of one are missing or do not belong together.</exception>
    public abstract IEnumerable<LogicalTensor> Combine(StoredTensors tensors);

    /// <summary>The layout that <c>config.json</c> names, or null for a model that is not quantized.</summary>
    /// <exception cref="ModelFormatException">It is none that this version reads.</exception>
    public static CheckpointLayout? Read(LayoutSettings config)
    {
        // MLX writes its settings under both names.
        if (config.Object("quantization") is { } mlx)
            return new MlxLayout(mlx);
        var key = config.Has("quantization_config") ? "quantization_config" : "compression_config";
        if (config.Object(key) is not { } settings)
            return null;
        return settings.Text("quant_method") switch
        {
            "gptq" => new GptqLayout(settings),
            "awq" => new AwqLayout(settings),
            "compressed-tensors" => new CompressedTensorsLayout(settings),
            "fp8" or "fbgemm_fp8" => new Fp8Layout(settings),
            "mxfp4" => new Mxfp4Layout(),
            null => throw config.Error(key, "the quantization method is not named", Readable),
            var method => throw config.Error(key, $"the quantization method '{method}' is not read", Readable),
        };
    }

    /// <summary>Refuses a variant of a layout.</summary>
    protected static ModelFormatException Unsupported(LayoutSettings settings, string key, string what) => settings.Error(key, $"{what} is not read", Readable);
}

/// <summary>A matrix as a model means it.</summary>
/// <param name="Weight">Its values.</param>
/// <param name="Shape">Slowest dimension first.</param>
/// <param name="Stored">The tensors that hold it; the first one stands for it in messages.</param>
internal sealed record LogicalTensor(WeightTensor Weight, EquatableArray<long> Shape, IReadOnlyList<StoredTensor> Stored)
{
    /// <summary>A matrix [rows, columns].</summary>
    public static LogicalTensor Matrix(WeightTensor weight, params IEnumerable<StoredTensor?> stored) =>
        new(weight, EquatableArray.Create(weight.Rows, weight.Columns), [.. stored.OfType<StoredTensor>()]);

    /// <summary>Those of a model by name.</summary>
    /// <param name="logical">All that are made of several tensors, or of one that is stored in another way.</param>
    /// <param name="stored">All that the checkpoint has.</param>
    /// <exception cref="ModelFormatException">One name stands for two tensors.</exception>
    public static Dictionary<string, LogicalTensor> ByName(IEnumerable<LogicalTensor> logical, StoredTensors stored)
    {
        var byName = new Dictionary<string, LogicalTensor>(StringComparer.Ordinal);
        foreach (var tensor in logical)
        {
            if (!byName.TryAdd(tensor.Weight.Name, tensor))
                throw tensor.Twice(byName[tensor.Weight.Name].Stored[0]);
        }

        var taken = byName.Values.SelectMany(tensor => tensor.Stored).Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, tensor) in byName)
        {
            if (!taken.Contains(name) && stored.Find(name) is { } other)
                throw tensor.Twice(other);
        }

        return byName;
    }

    private ModelFormatException Twice(StoredTensor other) => Stored[0].Error($"it is a part of {Weight.Name}, and so is {other.Name}, which is stored in another way");
}
