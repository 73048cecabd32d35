using System.Text;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>Writes GGUF version 3 for tests. Keys and tensors appear in the order in which they are added; nothing is checked.</summary>
public sealed class GgufWriter
{
    private const int Alignment = 32;
    private readonly List<(string Key, object Value)> _metadata = [];
    private readonly List<(string Name, int[] Shape, SourceTensor Tensor)> _tensors = [];

    /// <summary>Adds a value: uint, int, float, bool, string, or an array of them.</summary>
    public GgufWriter Add(string key, object value)
    {
        _metadata.Add((key, value));
        return this;
    }

    /// <summary>Adds a matrix, or a vector where the tensor has one row.</summary>
    public GgufWriter Add(string name, SourceTensor tensor, bool isVector)
    {
        _tensors.Add((name, isVector ? [tensor.Columns] : [tensor.Columns, tensor.Rows], tensor));
        return this;
    }

    /// <summary>Adds matrices of one shape, one behind the other in the tensor.</summary>
    public GgufWriter Add(string name, SourceTensor tensor, int matrices)
    {
        _tensors.Add((name, [tensor.Columns, tensor.Rows / matrices, matrices], tensor));
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach (var (key, value) in _metadata)
        {
            Text(writer, key);
            writer.Write(TypeOf(value.GetType()));
            Value(writer, value);
        }

        var offset = 0UL;
        foreach (var (name, shape, tensor) in _tensors)
        {
            Text(writer, name);
            writer.Write(shape.Length);
            foreach (var dimension in shape)
                writer.Write((ulong)dimension);
            writer.Write((int)tensor.Type);
            writer.Write(offset);
            offset += Aligned((ulong)tensor.Bytes.Length);
        }

        Pad(writer);
        foreach (var (_, _, tensor) in _tensors)
        {
            writer.Write(tensor.Bytes.Span);
            Pad(writer);
        }

        writer.Flush();
        return stream.ToArray();
    }

    private static ulong Aligned(ulong length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        var length = (ulong)writer.BaseStream.Position;
        writer.Write(new byte[Aligned(length) - length]);
    }

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static int TypeOf(Type type)
    {
        if (type.IsArray)
            return 9;
        return type == typeof(uint) ? 4
            : type == typeof(int) ? 5
            : type == typeof(float) ? 6
            : type == typeof(bool) ? 7
            : type == typeof(string) ? 8
            : throw new ArgumentException($"The writer knows no metadata of type {type}.", nameof(type));
    }

    private static void Value(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case bool flag: writer.Write(flag); break;
            case string text: Text(writer, text); break;
            case Array items:
                writer.Write(TypeOf(items.GetType().GetElementType()!));
                writer.Write((ulong)items.Length);
                foreach (var item in items)
                    Value(writer, item!);
                break;
            default: throw new ArgumentException($"The writer knows no metadata of type {value.GetType()}.", nameof(value));
        }
    }
}
