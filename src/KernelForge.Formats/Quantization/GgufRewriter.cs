using System.Text;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.IO;
using KernelForge.Plans;

namespace KernelForge.Formats.Quantization;

/// <summary>
/// Writes a GGUF file again with some tensors quantized: metadata, order of tensors and alignment stay, but for <c>general.file_type</c> and
/// <c>general.quantization_version</c>, which say what the weights became (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
/// </summary>
public static class GgufRewriter
{
    private const string FileType = "general.file_type";
    private const string Version = "general.quantization_version";

    /// <summary>Bytes that a tensor takes in the file, with what fills its place up.</summary>
    /// <param name="source">The model.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="type">Its new type, or null: it stays.</param>
    public static long Length(GgufFile source, GgufTensor tensor, WeightType? type) => PackedLayouts.Align(LengthOf(tensor, type), source.Alignment);

    /// <summary>Bytes of all that stands before the tensors.</summary>
    public static long HeaderLength(GgufFile source) => PackedLayouts.Align(Header(source, _ => null).Length, source.Alignment);

    /// <summary>Writes the file; it appears by rename when it is complete.</summary>
    /// <param name="source">The model.</param>
    /// <param name="path">The new file.</param>
    /// <param name="tensors">The tensors that are quantized, by name.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public static void Write(GgufFile source, string path, IReadOnlyDictionary<string, QuantizedTensor> tensors, CancellationToken cancellation = default)
    {
        using var fileLock = FileLock.Take(path + ".lock", cancellation);
        OutputFile.Write(path, stream =>
        {
            stream.Write(Header(source, tensor => tensors.GetValueOrDefault(tensor.Name)?.Type));
            Pad(stream, source.Alignment);
            foreach (var tensor in source.Tensors)
            {
                cancellation.ThrowIfCancellationRequested();
                if (tensors.TryGetValue(tensor.Name, out var quantized))
                    stream.Write(quantized.Bytes.Span);
                for (var row = 0L; quantized is null && row < tensor.Rows; row++)
                    stream.Write(source.Rows(tensor, row, 1));
                Pad(stream, source.Alignment);
            }
        });
    }

    private static byte[] Header(GgufFile source, Func<GgufTensor, WeightType?> types)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        string[] own = [FileType, Version];
        writer.Write("GGUF"u8);
        writer.Write(source.Version);
        writer.Write((ulong)source.Tensors.Count);

        // The copy is one file, also of a model in several.
        var copied = source.Metadata.Where(value => !own.Contains(value.Key, StringComparer.Ordinal) && !GgufSplit.IsKey(value.Key)).ToArray();
        writer.Write((ulong)(copied.Length + own.Length));
        foreach (var value in copied)
            Copy(writer, value);
        Number(writer, FileType, FileTypeOf(source, types));
        Number(writer, Version, 2);
        var offset = 0L;
        foreach (var tensor in source.Tensors)
        {
            Text(writer, Encoding.UTF8.GetBytes(tensor.Name));
            writer.Write(tensor.Shape.Count);
            foreach (var size in tensor.Shape.Reverse())
                writer.Write(size);
            writer.Write(types(tensor) is { } type ? (int)type : tensor.Type.Id);
            writer.Write(offset);
            offset += PackedLayouts.Align(LengthOf(tensor, types(tensor)), source.Alignment);
        }

        writer.Flush();
        return stream.ToArray();
    }

    private static void Copy(BinaryWriter writer, GgufValue value)
    {
        Text(writer, Encoding.UTF8.GetBytes(value.Key));
        writer.Write((int)value.Type);
        if (value.Type == GgufType.Array)
        {
            writer.Write((int)value.ElementType);
            writer.Write((ulong)value.Count);
        }

        if (value.ElementType != GgufType.String)
        {
            writer.Write(value.FixedBytes());
            return;
        }

        for (var i = 0; i < value.Count; i++)
            Text(writer, value.Utf8(i));
    }

    private static void Number(BinaryWriter writer, string key, int number)
    {
        Text(writer, Encoding.UTF8.GetBytes(key));
        writer.Write((int)GgufType.UInt32);
        writer.Write(number);
    }

    private static void Text(BinaryWriter writer, ReadOnlySpan<byte> text)
    {
        writer.Write((ulong)text.Length);
        writer.Write(text);
    }

    // ggml's number for a file "mostly" of a type: the one of most weights.
    private static int FileTypeOf(GgufFile source, Func<GgufTensor, WeightType?> types) =>
        source.Tensors.GroupBy(tensor => types(tensor) ?? (WeightType)tensor.Type.Id).MaxBy(group => group.Sum(tensor => (double)tensor.Rows * tensor.Columns))?.Key switch
        {
            WeightType.Q4_0 => 2,
            WeightType.Q4_1 => 3,
            WeightType.Q8_0 => 7,
            WeightType.F16 => 1,
            WeightType.BF16 => 32,
            _ => 0,
        };

    private static long LengthOf(GgufTensor tensor, WeightType? type) =>
        type is { } quantized ? tensor.Rows * (tensor.Columns / BlockGrid.Length) * BlockGrid.Bytes(quantized) : tensor.Length;

    private static void Pad(Stream stream, int alignment) =>
        stream.Write(new byte[PackedLayouts.Align(stream.Position, alignment) - stream.Position]);
}
