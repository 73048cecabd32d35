using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Gguf;

/// <summary>One metadata value. It stays in the mapped file: nothing is copied before it is asked for.</summary>
public sealed class GgufValue
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly MappedFile _file;
    private long[]? _strings;

    internal GgufValue(MappedFile file, string key, GgufType type, GgufType elementType, int count, long offset)
    {
        _file = file;
        Key = key;
        Type = type;
        ElementType = elementType;
        Count = count;
        Offset = offset;
    }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>Type of the value.</summary>
    public GgufType Type { get; }

    /// <summary>Type of the elements of an array, otherwise <see cref="Type"/>.</summary>
    public GgufType ElementType { get; }

    /// <summary>Elements of an array, otherwise 1.</summary>
    public int Count { get; }

    /// <summary>Where the value (of an array: its first element) lies in the file.</summary>
    public long Offset { get; }

    /// <summary>Whether elements are integers of any width.</summary>
    public bool IsInteger => ElementType is GgufType.UInt8 or GgufType.Int8 or GgufType.UInt16 or GgufType.Int16
        or GgufType.UInt32 or GgufType.Int32 or GgufType.UInt64 or GgufType.Int64;

    /// <summary>Whether elements are binary32 or binary64.</summary>
    public bool IsFloat => ElementType is GgufType.Float32 or GgufType.Float64;

    /// <summary>Element <paramref name="index"/> of an integer value or array.</summary>
    /// <exception cref="ModelFormatException">Another type, or an unsigned number beyond the signed range.</exception>
    public long Integer(int index = 0)
    {
        var bytes = Element(index);
        return ElementType switch
        {
            GgufType.UInt8 => bytes[0],
            GgufType.Int8 => (sbyte)bytes[0],
            GgufType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            GgufType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            GgufType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            GgufType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            GgufType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            GgufType.UInt64 when BinaryPrimitives.ReadUInt64LittleEndian(bytes) <= long.MaxValue => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            GgufType.UInt64 => throw Wrong("a number beyond 2^63 - 1 stands where an integer is expected"),
            _ => throw Wrong($"an integer is expected and the type is {ElementType}"),
        };
    }

    /// <summary>Element <paramref name="index"/> of an integer value or array in decimal; also of numbers beyond 2^63 - 1.</summary>
    public string IntegerText(int index = 0) => ElementType == GgufType.UInt64
        ? BinaryPrimitives.ReadUInt64LittleEndian(Element(index)).ToString(CultureInfo.InvariantCulture)
        : Integer(index).ToString(CultureInfo.InvariantCulture);

    /// <summary>Element <paramref name="index"/> of a float value or array, in the shortest form that reads back as the same number of its own width.</summary>
    public string FloatText(int index = 0) => ElementType == GgufType.Float32
        ? ((float)Float(index)).ToString("R", CultureInfo.InvariantCulture)
        : Float(index).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Element <paramref name="index"/> of a float value or array.</summary>
    /// <exception cref="ModelFormatException">Another type.</exception>
    public double Float(int index = 0) => ElementType switch
    {
        GgufType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Element(index)),
        GgufType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Element(index)),
        _ => throw Wrong($"a float is expected and the type is {ElementType}"),
    };

    /// <summary>Element <paramref name="index"/> of a boolean value or array.</summary>
    /// <exception cref="ModelFormatException">Another type, or a byte that is neither 0 nor 1.</exception>
    public bool Boolean(int index = 0)
    {
        if (ElementType != GgufType.Boolean)
            throw Wrong($"a boolean is expected and the type is {ElementType}");
        return Element(index)[0] != 0;
    }

    /// <summary>UTF-8 bytes of element <paramref name="index"/> of a string or array of strings; not validated.</summary>
    /// <exception cref="ModelFormatException">Another type.</exception>
    public ReadOnlySpan<byte> Utf8(int index = 0)
    {
        if (ElementType != GgufType.String)
            throw Wrong($"text is expected and the type is {ElementType}");
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var offset = (_strings ??= IndexStrings())[index];
        return _file.Span(offset + 8, (int)BinaryPrimitives.ReadInt64LittleEndian(_file.Span(offset, 8)));
    }

    /// <summary>The text of a value that must be one text, not a list.</summary>
    /// <exception cref="ModelFormatException">Another type, or bytes that are not UTF-8.</exception>
    public string RequireText() => Type == GgufType.String ? Text() : throw Wrong($"text is expected and the type is {Type}");

    /// <summary>Element <paramref name="index"/> of a string or array of strings.</summary>
    /// <exception cref="ModelFormatException">Another type, or bytes that are not UTF-8.</exception>
    public string Text(int index = 0)
    {
        try
        {
            return Strict.GetString(Utf8(index));
        }
        catch (DecoderFallbackException error)
        {
            throw new ModelFormatException(_file.Path, "text that is not valid UTF-8", Key, Offset, inner: error);
        }
    }

    /// <summary>The bytes of a value or an array of anything but text.</summary>
    internal ReadOnlySpan<byte> FixedBytes() => _file.Span(Offset, checked(SizeOf(ElementType) * Count));

    internal static int SizeOf(GgufType type) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Boolean => 1,
        GgufType.UInt16 or GgufType.Int16 => 2,
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not of fixed size"),
    };

    private ReadOnlySpan<byte> Element(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        if (ElementType == GgufType.String)
            throw Wrong("a number is expected and the type is String");
        var size = SizeOf(ElementType);
        return _file.Span(Offset + ((long)index * size), size);
    }

    // The reader has walked these strings already, so lengths are known to be good.
    private long[] IndexStrings()
    {
        var offsets = new long[Count];
        var offset = Offset;
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = offset;
            offset += 8 + BinaryPrimitives.ReadInt64LittleEndian(_file.Span(offset, 8));
        }
        return offsets;
    }

    private ModelFormatException Wrong(string problem) => new(_file.Path, problem, Key, Offset);
}
