using KernelForge.Formats.Gguf;
using KernelForge.Formats.HuggingFace;

namespace KernelForge.Formats.Decoding;

/// <summary>Looks through all weights of a file for values that are infinite or not a number: one of them spoils every answer.</summary>
public static class WeightCheck
{
    // Whole values of every float type.
    private const int PieceBytes = 1 << 16;

    /// <summary>Checks every tensor of a folder that has a type this version reads.</summary>
    /// <exception cref="ModelFormatException">The first bad value's tensor.</exception>
    public static void Check(HuggingFaceFolder folder, CancellationToken cancellation = default)
    {
        foreach (var (file, tensor) in folder.Tensors)
        {
            if (!Enum.TryParse<WeightType>(tensor.Type, out var type) || TensorDecoder.Find((int)type) is not { BlockValues: 1 } decoder)
                continue;
            for (var start = 0L; start < tensor.Length; start += PieceBytes)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!decoder.AllFinite(file.Bytes(tensor, start, (int)Math.Min(PieceBytes, tensor.Length - start))))
                    throw new ModelFormatException(file.Path, "a weight is infinite or not a number", tensor.Name, tensor.Offset + start);
            }
        }
    }

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
                        file.PathOf(tensor), $"row {row} holds a weight or scale that is infinite or not a number", tensor.Name, tensor.Offset + (row * tensor.RowBytes));
            }
        }
    }
}
