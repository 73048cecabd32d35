namespace KernelForge.Formats.Weights;

/// <summary>The tensors of a model, of a GGUF file or of a folder.</summary>
public interface IWeights
{
    /// <summary>Path of the model.</summary>
    string Path { get; }

    /// <summary>The tensor of this name, or null.</summary>
    /// <exception cref="ModelFormatException">It is there, and cannot be read.</exception>
    WeightTensor? FindWeight(string name);
}
