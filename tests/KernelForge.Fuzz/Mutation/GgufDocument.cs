using System.Text;

namespace KernelForge.Fuzz.Mutation;

/// <summary>A GGUF file taken apart, with nothing checked, so that any part can be put back wrong. Written after the format's description, apart from the importer.</summary>
internal sealed class GgufDocument
{
    public uint Version { get; set; }

    /// <summary>Counts of the header; null: the true ones.</summary>
    public ulong? TensorCount { get; set; }

    public ulong? KeyCount { get; set; }

    public List<GgufKey> Keys { get; } = [];

    public List<GgufInfo> Tensors { get; } = [];

    public byte[] Data { get; set; } = [];

    public static GgufDocument Parse(byte[] file)
    {
        using var reader = new BinaryReader(new MemoryStream(file));
        reader.ReadUInt32();
        var document = new GgufDocument { Version = reader.ReadUInt32() };
        var tensors = reader.ReadUInt64();
        var keys = reader.ReadUInt64();
        for (var i = 0UL; i < keys; i++)
        {
            var name = reader.ReadBytes((int)reader.ReadUInt64());
            var type = reader.ReadUInt32();
            var start = reader.BaseStream.Position;
            Skip(reader, type);
            document.Keys.Add(new GgufKey(name, type, file[(int)start..(int)reader.BaseStream.Position]));
        }

        for (var i = 0UL; i < tensors; i++)
        {
            var name = reader.ReadBytes((int)reader.ReadUInt64());
            var shape = new ulong[reader.ReadUInt32()];
            for (var dimension = 0; dimension < shape.Length; dimension++)
                shape[dimension] = reader.ReadUInt64();
            document.Tensors.Add(new GgufInfo(name, shape, reader.ReadUInt32(), reader.ReadUInt64()));
        }

        document.Data = file[(int)((reader.BaseStream.Position + 31) / 32 * 32)..];
        return document;
    }

    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)Tensors.Count);
        writer.Write(KeyCount ?? (ulong)Keys.Count);
        foreach (var key in Keys)
        {
            writer.Write(key.NameLength ?? (ulong)key.Name.Length);
            writer.Write(key.Name);
            writer.Write(key.Type);
            writer.Write(key.Payload);
        }

        foreach (var tensor in Tensors)
        {
            writer.Write((ulong)tensor.Name.Length);
            writer.Write(tensor.Name);
            writer.Write(tensor.DimensionCount ?? (uint)tensor.Shape.Length);
            foreach (var size in tensor.Shape)
                writer.Write(size);
            writer.Write(tensor.Type);
            writer.Write(tensor.Offset);
        }

        while (stream.Position % 32 != 0)
            writer.Write((byte)0);
        writer.Write(Data);
        return stream.ToArray();
    }

    internal static int SizeOf(uint type) => type switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 };

    private static void Skip(BinaryReader reader, uint type)
    {
        if (type == 8)
        {
            reader.ReadBytes((int)reader.ReadUInt64());
        }
        else if (type == 9)
        {
            var element = reader.ReadUInt32();
            for (var count = reader.ReadUInt64(); count > 0; count--)
                Skip(reader, element);
        }
        else
        {
            reader.ReadBytes(SizeOf(type));
        }
    }
}

/// <summary>A metadata key: its type and the bytes behind it.</summary>
internal sealed record GgufKey(byte[] Name, uint Type, byte[] Payload)
{
    public ulong? NameLength { get; init; }

    public override string ToString() => Encoding.UTF8.GetString(Name);
}

/// <summary>An entry of the tensor table.</summary>
internal sealed record GgufInfo(byte[] Name, ulong[] Shape, uint Type, ulong Offset)
{
    public uint? DimensionCount { get; init; }

    public override string ToString() => Encoding.UTF8.GetString(Name);
}
