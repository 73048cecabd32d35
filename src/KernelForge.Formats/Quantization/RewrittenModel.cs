using KernelForge.Formats.Description;
using KernelForge.Formats.Decoding;

namespace KernelForge.Formats.Quantization;

/// <summary>What a quantized copy of a model can hold and how large it becomes: a GGUF file of a GGUF file, a folder of a folder.</summary>
/// <param name="model">The model.</param>
public sealed class RewrittenModel(ModelFile model)
{
    /// <summary>Types of four bits, the smaller first. compressed-tensors has no minimum that is no multiple of the scale.</summary>
    public IReadOnlyList<WeightType> FourBits => model.Gguf is null ? [WeightType.Q4_0] : [WeightType.Q4_0, WeightType.Q4_1];

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => model.Folder is not null;

    /// <summary>Whether a tensor of this name can be quantized in the copy.</summary>
    public bool CanHold(string tensor) => model.Gguf is not null || CompressedPiece.CanHold(tensor);

    /// <summary>Bytes of a tensor in the copy at most; of GGUF exactly.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="type">The type that it gets, or null: it stays.</param>
    public long Bytes(string tensor, WeightType? type)
    {
        if (model.Gguf is { } file)
            return GgufRewriter.Length(file, file.FindTensor(tensor)!, type);
        var weight = model.Weights.FindWeight(tensor)!;
        return CompressedPiece.MostBytes(model.Folder!.Find(tensor)!.Value.Tensor, weight.Rows, weight.Columns, type);
    }

    /// <summary>Bytes of the weight files besides some tensors: at most, of GGUF exactly.</summary>
    public long OtherBytes(IReadOnlySet<string> tensors)
    {
        if (model.Gguf is { } file)
            return GgufRewriter.HeaderLength(file) + file.Tensors.Where(tensor => !tensors.Contains(tensor.Name)).Sum(tensor => GgufRewriter.Length(file, tensor, null));
        const int perFile = 64;
        var others = model.Folder!.Tensors.Where(tensor => !tensors.Contains(tensor.Tensor.Name));
        return others.Sum(tensor => CompressedPiece.MostBytes(tensor.Tensor, 0, 0, null))
            + model.Folder.Tensors.Select(tensor => tensor.File).Distinct().Sum(shard => perFile + shard.Metadata.Sum(entry => 16L + (2 * 6 * (entry.Key.Length + entry.Value.Length))));
    }

    /// <summary>Refuses weights that are infinite or not a number.</summary>
    /// <exception cref="ModelFormatException">The first of them.</exception>
    public void Check(CancellationToken cancellation)
    {
        if (model.Gguf is { } file)
            WeightCheck.Check(file, cancellation);
        else
            WeightCheck.Check(model.Folder!, cancellation);
    }

    /// <summary>Writes the copy; it appears by rename when it is complete.</summary>
    /// <param name="path">A file, or a folder that is not there or empty.</param>
    /// <param name="tensors">The tensors that are quantized, by name.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public void Write(string path, IReadOnlyDictionary<string, QuantizedTensor> tensors, CancellationToken cancellation)
    {
        if (model.Gguf is { } file)
            GgufRewriter.Write(file, path, tensors, cancellation);
        else
            FolderRewriter.Write(model.Folder!, path, tensors, cancellation);
    }
}
