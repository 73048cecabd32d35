using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Safetensors;

/// <summary>Writes safetensors files, tensors in the order given.</summary>
public static class SafetensorsWriter
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>Writes a file of float32 tensors; it appears when it is complete.</summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="tensors">Name, shape (slowest dimension first) and values.</param>
    /// <exception cref="ArgumentException">A shape does not belong to its number of values.</exception>
    public static void Write(string path, params IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        foreach (var (name, shape, values) in tensors)
        {
            if (shape.Aggregate(1L, (product, dimension) => product * dimension) != values.Length)
                throw new ArgumentException($"'{name}': {values.Length:N0} values do not fill [{string.Join(", ", shape)}].", nameof(tensors));
        }

        OutputFile.WriteUnlocked(path, stream =>
        {
            WriteHeader(stream, tensors.Select(tensor => (tensor.Name, "F32", (IReadOnlyList<long>)tensor.Shape, (long)tensor.Values.Length * sizeof(float))), NoMetadata);
            foreach (var tensor in tensors)
                stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        });
    }

    /// <summary>Writes what precedes the tensors' bytes, which begin at a multiple of 8: spaces fill the header up.</summary>
    /// <param name="stream">The file at its start.</param>
    /// <param name="tensors">Name, type as the format spells it, shape (slowest dimension first) and bytes.</param>
    /// <param name="metadata">Texts about the file.</param>
    internal static void WriteHeader(Stream stream, IEnumerable<(string Name, string Type, IReadOnlyList<long> Shape, long Length)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, text) in metadata)
                    json.WriteString(key, text);
                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (name, type, shape, length) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                WriteIntegers(json, "shape", shape);
                WriteIntegers(json, "data_offsets", [offset, offset += length]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var header = buffer.WrittenSpan;
        var padding = (8 - (header.Length % 8)) % 8;
        Span<byte> size = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.Length + padding);
        stream.Write(size);
        stream.Write(header);
        stream.Write("       "u8[..padding]);
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
