using System.Buffers.Binary;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Quantization;

/// <summary>A tensor of a safetensors file to be written: one that stays, or one of the three that hold a quantized matrix in compressed-tensors' layout.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">As the format spells it.</param>
/// <param name="Shape">Slowest dimension first.</param>
/// <param name="Length">Bytes.</param>
/// <param name="WriteTo">Writes them.</param>
internal sealed record CompressedPiece(string Name, string Type, IReadOnlyList<long> Shape, long Length, Action<Stream> WriteTo)
{
    private const string Suffix = ".weight";
    private const int CopiedBytes = 1 << 20;

    /// <summary>Bytes of the header at most for one tensor, besides its name.</summary>
    private const int EntryBytes = 160;

    /// <summary>The module whose weight a tensor is.</summary>
    public static string Module(string tensor) => tensor[..^Suffix.Length];

    /// <summary>Whether a tensor can be stored in this layout: by its name.</summary>
    public static bool CanHold(string tensor) => tensor.EndsWith(Suffix, StringComparison.Ordinal) && tensor.Length > Suffix.Length;

    /// <summary>Bytes of a file at most for a tensor of a type (null: it stays), its entries in the header included.</summary>
    public static long MostBytes(SafetensorsTensor tensor, long rows, int columns, WeightType? type) => type is { } quantized
        ? (rows * (columns / BlockGrid.Length) * BlockGrid.Bytes(quantized)) + (2 * sizeof(long)) + (3 * (EntryBytes + (2 * tensor.Name.Length)))
        : tensor.Length + EntryBytes + (2 * tensor.Name.Length);

    /// <summary>A tensor that stays.</summary>
    public static CompressedPiece Of(SafetensorsFile file, SafetensorsTensor tensor) => new(tensor.Name, tensor.Type, [.. tensor.Shape], tensor.Length, stream =>
    {
        for (var done = 0L; done < tensor.Length; done += CopiedBytes)
            stream.Write(file.Bytes(tensor, done, (int)Math.Min(CopiedBytes, tensor.Length - done)));
    });

    /// <summary>The pieces of a matrix: codes with half their range added, in words; a scale for each 32; the shape.</summary>
    public static IEnumerable<CompressedPiece> Of(string name, QuantizedTensor tensor)
    {
        var (rows, columns, bits) = ((long)tensor.Rows, tensor.Columns, tensor.Type == WeightType.Q8_0 ? 8 : 4);
        var blocks = columns / BlockGrid.Length;
        var module = Module(name);
        yield return new CompressedPiece($"{module}.weight_packed", "I32", [rows, columns * bits / 32], rows * columns * bits / 8, stream => WriteCodes(tensor, stream));
        yield return new CompressedPiece($"{module}.weight_scale", "F16", [rows, blocks], rows * blocks * 2, stream => WriteScales(tensor, stream));
        yield return new CompressedPiece($"{module}.weight_shape", "I64", [2], 2 * sizeof(long), stream =>
        {
            Span<byte> shape = stackalloc byte[2 * sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(shape, rows);
            BinaryPrimitives.WriteInt64LittleEndian(shape[sizeof(long)..], columns);
            stream.Write(shape);
        });
    }

    /// <summary>Writes a file of some tensors, in the order given.</summary>
    public static void Write(string path, IReadOnlyList<CompressedPiece> pieces, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellation)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        SafetensorsWriter.WriteHeader(stream, pieces.Select(piece => (piece.Name, piece.Type, piece.Shape, piece.Length)), metadata);
        foreach (var piece in pieces)
        {
            cancellation.ThrowIfCancellationRequested();
            piece.WriteTo(stream);
        }

        stream.Flush(flushToDisk: true);
    }

    // Codes of a row follow each other, the first in the lowest bits; both formats store code + half the range.
    private static void WriteCodes(QuantizedTensor tensor, Stream stream)
    {
        var blockBytes = BlockGrid.Bytes(tensor.Type);
        Span<byte> packed = stackalloc byte[BlockGrid.Length];
        for (var block = tensor.Bytes.Span; !block.IsEmpty; block = block[blockBytes..])
        {
            var codes = block[2..blockBytes];
            if (tensor.Type == WeightType.Q8_0)
            {
                for (var i = 0; i < codes.Length; i++)
                    packed[i] = (byte)((sbyte)codes[i] + 128);
                stream.Write(packed);
                continue;
            }

            // Low nibbles of a block are its first half, high ones its second; here neighbours share a byte.
            for (var i = 0; i < 8; i++)
            {
                packed[i] = (byte)((codes[2 * i] & 15) | (codes[(2 * i) + 1] & 15) << 4);
                packed[i + 8] = (byte)(codes[2 * i] >> 4 | codes[(2 * i) + 1] >> 4 << 4);
            }

            stream.Write(packed[..16]);
        }
    }

    private static void WriteScales(QuantizedTensor tensor, Stream stream)
    {
        var blockBytes = BlockGrid.Bytes(tensor.Type);
        for (var block = tensor.Bytes.Span; !block.IsEmpty; block = block[blockBytes..])
            stream.Write(block[..2]);
    }
}
