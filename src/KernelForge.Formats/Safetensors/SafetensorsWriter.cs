using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Safetensors;

/// <summary>Writes float32 tensors to a safetensors file, in the order given; the file appears when it is complete.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; replaced if there.</param>
    /// <param name="tensors">Name, shape (slowest dimension first) and values.</param>
    /// <exception cref="ArgumentException">A shape does not belong to its number of values.</exception>
    public static void Write(string path, params IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        var header = Header(tensors);
        OutputFile.WriteUnlocked(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in tensors)
                stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        });
    }

    private static byte[] Header(IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var (name, shape, values) in tensors)
            {
                if (shape.Aggregate(1L, (product, dimension) => product * dimension) != values.Length)
                    throw new ArgumentException($"'{name}': {values.Length:N0} values do not fill [{string.Join(", ", shape)}].", nameof(tensors));
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                WriteIntegers(json, "shape", shape);
                WriteIntegers(json, "data_offsets", offset, offset += 4L * values.Length);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        // Data begin at a multiple of 8: spaces fill the header up.
        var padding = (8 - (buffer.WrittenCount % 8)) % 8;
        buffer.GetSpan(8)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, params ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
