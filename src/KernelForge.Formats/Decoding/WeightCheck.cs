using KernelForge.Formats.Gguf;

namespace KernelForge.Formats.Decoding;

/// <summary>Looks through all weights of a file for values that are infinite or not a number: one of them spoils every answer.</summary>
public static class WeightCheck
{
    /// <summary>Checks every tensor of a type this version reads.</summary>
    /// <exception cref="ModelFormatException">The first bad row.</exception>
    public static void Check(GgufFile file, CancellationToken cancellation = default)
    {
        foreach (var tensor in file.Tensors)
        {
            if (TensorDecoder.Find(tensor.Type.Id) is not { } decoder)
                continue;
            for (var row = 0L; row < tensor.Rows; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!decoder.AllFinite(file.Rows(tensor, row, 1)))
                    throw new ModelFormatException(
                        file.Path, $"row {row} holds a weight or scale that is infinite or not a number", tensor.Name, tensor.Offset + (row * tensor.RowBytes));
            }
        }
    }
}
