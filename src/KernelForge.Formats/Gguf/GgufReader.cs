using System.Buffers.Binary;
using System.Text;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Gguf;

/// <summary>Walks the header of a GGUF file. Every length is compared with what is left of the file before it is used.</summary>
internal ref struct GgufReader(MappedFile file)
{
    private const int LongestKey = 65_535;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly MappedFile _file = file;

    /// <summary>Next byte to read.</summary>
    public long Offset { get; private set; }

    /// <summary>Key or tensor that is being read, for messages.</summary>
    public string? Subject { get; set; }

    private readonly long Left => _file.Length - Offset;

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A count of things that take at least <paramref name="leastBytes"/> each.</summary>
    public int Count(string what, int leastBytes)
    {
        var start = Offset;
        var count = UInt64();
        if (count > (ulong)(Left / leastBytes))
            throw Error($"the file claims {count:N0} {what} and has room for {Left / leastBytes:N0} at most", start);
        if (count > int.MaxValue)
            throw Error($"{count:N0} {what} are more than this program can hold", start);
        return (int)count;
    }

    /// <summary>A key or tensor name: short, not empty, valid UTF-8.</summary>
    public string Name(string what, int longest = LongestKey)
    {
        var start = Offset;
        var length = UInt64();
        if (length == 0)
            throw Error($"an empty {what}", start);
        if (length > (ulong)longest)
            throw Error($"a {what} of {length:N0} bytes; at most {longest:N0} are allowed", start);
        try
        {
            return Strict.GetString(Take((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw Error($"a {what} that is not valid UTF-8", start);
        }
    }

    /// <summary>A metadata value; steps over it.</summary>
    public GgufValue Value(string key)
    {
        Subject = key;
        var type = Type("value");
        if (type != GgufType.Array)
        {
            var start = Offset;
            Skip(type, 1);
            return new GgufValue(_file, key, type, type, 1, start);
        }

        var element = Type("array element");
        if (element == GgufType.Array)
            throw Error("an array of arrays, which no model uses", Offset - 4);
        var count = Count("array elements", element == GgufType.String ? 8 : GgufValue.SizeOf(element));
        var first = Offset;
        Skip(element, count);
        return new GgufValue(_file, key, GgufType.Array, element, count, first);
    }

    public readonly ModelFormatException Error(string problem, long offset) => new(_file.Path, problem, Subject, offset);

    private GgufType Type(string what)
    {
        var start = Offset;
        var type = UInt32();
        if (type > (uint)GgufType.Float64)
            throw Error($"unknown {what} type {type}", start);
        return (GgufType)type;
    }

    private void Skip(GgufType type, int count)
    {
        if (type == GgufType.String)
        {
            for (var i = 0; i < count; i++)
                SkipString();
            return;
        }
        var start = Offset;
        if (type != GgufType.Boolean)
        {
            SkipBytes((long)GgufValue.SizeOf(type) * count);
            return;
        }
        var values = Take(count);
        if (values.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw Error("a boolean that is neither 0 nor 1", start);
    }

    private void SkipString()
    {
        var start = Offset;
        var length = UInt64();
        if (length > (ulong)Left || length > int.MaxValue)
            throw Error($"text of {length:N0} bytes and {Left:N0} are left of the file", start);
        Offset += (long)length;
    }

    private void SkipBytes(long length)
    {
        if (length > Left)
            throw Error($"{length:N0} bytes are needed and {Left:N0} are left of the file", Offset);
        Offset += length;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > Left)
            throw Error($"the file ends where {length:N0} more bytes are needed", Offset);
        var bytes = _file.Span(Offset, length);
        Offset += length;
        return bytes;
    }
}
