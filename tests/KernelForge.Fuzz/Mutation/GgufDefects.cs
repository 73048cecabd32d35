using System.Buffers.Binary;

namespace KernelForge.Fuzz.Mutation;

/// <summary>One defect of a GGUF file.</summary>
/// <param name="What">In words.</param>
/// <param name="Apply">Puts it into a document.</param>
internal sealed record GgufDefect(string What, Action<GgufDocument> Apply);

/// <summary>All defects of the kinds that malformed files have: of every key, of every tensor, of the header.</summary>
internal static class GgufDefects
{
    private const uint StringType = 8;
    private const uint ArrayType = 9;

    /// <summary>Every defect that a document can be given.</summary>
    public static IEnumerable<GgufDefect> All(GgufDocument document) =>
        Header()
            .Concat(Enumerable.Range(0, document.Keys.Count).SelectMany(i => OfKey(document.Keys[i], i)))
            .Concat(Enumerable.Range(0, document.Tensors.Count).SelectMany(i => OfTensor(document.Tensors[i], i, document)));

    private static IEnumerable<GgufDefect> Header()
    {
        foreach (var number in Numbers.All)
        {
            yield return new($"version {number}", document => document.Version = (uint)number);
            yield return new($"{number} tensors", document => document.TensorCount = number);
            yield return new($"{number} keys", document => document.KeyCount = number);
            yield return new($"alignment {number}", document => document.Keys.Add(new GgufKey([.. "general.alignment"u8], 4, Bytes(number, 4))));
        }
    }

    private static IEnumerable<GgufDefect> OfKey(GgufKey key, int i)
    {
        GgufDefect With(string what, Func<GgufKey, GgufKey> change) => new($"{key}: {what}", document => document.Keys[i] = change(document.Keys[i]));
        yield return new($"{key}: missing", document => document.Keys.RemoveAt(i));
        yield return new($"{key}: twice", document => document.Keys.Add(document.Keys[i]));
        yield return With("no name", old => old with { Name = [] });
        yield return With("a name that is no text", old => old with { Name = [.. old.Name, 0xFF] });
        for (var type = 0u; type <= 14; type++)
        {
            var other = type;
            yield return With($"its bytes as type {type}", old => old with { Type = other });
            if (type is not (StringType or ArrayType))
            {
                foreach (var number in (ulong[])[0, 1, 3, 65, 1UL << 31, ulong.MaxValue, 0x7FC000007FC00000, 0x7FF8000000000000])
                    yield return With($"{number} of type {type}", old => old with { Type = other, Payload = Bytes(number, GgufDocument.SizeOf(other)) });
            }
        }

        foreach (var text in (string[])["", "x", "\0", "\uFFFD", new string('a', 3000)])
            yield return With($"the text '{text[..Math.Min(4, text.Length)]}'", old => old with { Type = StringType, Payload = Text(System.Text.Encoding.UTF8.GetBytes(text)) });
        yield return With("text that is no text", old => old with { Type = StringType, Payload = Text([0xC3, 0x28]) });
        foreach (var number in Numbers.All)
        {
            yield return With($"a name of {number} bytes", old => old with { NameLength = number });
            if (key.Type is StringType)
                yield return With($"text of {number} bytes", old => old with { Payload = [.. Bytes(number, 8), .. old.Payload[8..]] });
        }

        for (var element = 0u; element <= 13; element++)
        {
            var type = element;
            foreach (var count in (ulong[])[0, 1, 2, 64, 65, 1UL << 40, 1UL << 61, ulong.MaxValue])
                yield return With($"{count} elements of type {element}", old => old with { Type = ArrayType, Payload = [.. Bytes(type, 4), .. Bytes(count, 8), .. new byte[count < 100 ? (int)count * 8 : 64]] });
        }

        if (key.Type == ArrayType)
        {
            foreach (var number in Numbers.All)
                yield return With($"{number} elements", old => old with { Payload = [.. old.Payload[..4], .. Bytes(number, 8), .. old.Payload[12..]] });
            foreach (var at in (int[])[12, 13, 16, 19, 20])
            {
                if (at < key.Payload.Length)
                    yield return With($"an altered element at {at}", old => old with { Payload = [.. old.Payload[..at], (byte)(old.Payload[at] ^ 0x81), .. old.Payload[(at + 1)..]] });
            }

            yield return With("its last element's last byte altered", old => old with { Payload = [.. old.Payload[..^1], (byte)(old.Payload[^1] ^ 0xFF)] });
            yield return With("all elements like the first", Repeat);
        }
    }

    private static IEnumerable<GgufDefect> OfTensor(GgufInfo tensor, int i, GgufDocument document)
    {
        GgufDefect With(string what, Func<GgufInfo, GgufInfo> change) => new($"{tensor}: {what}", changed => changed.Tensors[i] = change(changed.Tensors[i]));
        yield return new($"{tensor}: missing", changed => changed.Tensors.RemoveAt(i));
        yield return new($"{tensor}: twice", changed => changed.Tensors.Add(changed.Tensors[i]));
        yield return With("no name", old => old with { Name = [] });
        yield return With("a long name", old => old with { Name = [.. Enumerable.Repeat((byte)'a', 65)] });
        yield return With("a name that is no text", old => old with { Name = [0xED, 0xA0, 0x80] });
        yield return With("no dimensions", old => old with { Shape = [] });
        yield return With("one row", old => old with { Shape = [old.Shape.Aggregate(1UL, (product, size) => product * size)] });
        yield return With("transposed", old => old with { Shape = [.. old.Shape.Reverse()] });
        yield return With("five dimensions", old => old with { Shape = [.. old.Shape, 1, 1, 1, 1] });
        yield return With("another dimension of 1", old => old with { Shape = [.. old.Shape, 1] });
        foreach (var number in Numbers.All)
        {
            yield return With($"{number} dimensions", old => old with { DimensionCount = (uint)number });
            yield return With($"offset {number}", old => old with { Offset = number });
            yield return With($"offset more by {number}", old => old with { Offset = old.Offset + number });
            for (var dimension = 0; dimension < tensor.Shape.Length; dimension++)
            {
                var place = dimension;
                yield return With($"dimension {dimension} is {number}", old => old with { Shape = [.. old.Shape.Select((size, j) => j == place ? number : size)] });
            }
        }

        for (var type = 0u; type < 44; type++)
        {
            var other = type;
            yield return With($"type {type}", old => old with { Type = other });
        }

        yield return With("an unknown type", old => old with { Type = uint.MaxValue });
        for (var other = 0; other < document.Tensors.Count; other++)
        {
            var target = other;
            if (other != i)
                yield return With($"the offset of {document.Tensors[other]}", old => old with { Offset = document.Tensors[target].Offset });
        }

        foreach (var bits in (ushort[])[0x7C00, 0xFC00, 0x7E00, 0x7F80, 0xFFFF])
            yield return new($"{tensor}: begins with the bits {bits:X4}", changed => BinaryPrimitives.WriteUInt32LittleEndian(changed.Data.AsSpan((int)tensor.Offset), bits | ((uint)bits << 16)));
    }

    private static GgufKey Repeat(GgufKey key)
    {
        var count = (int)BinaryPrimitives.ReadUInt64LittleEndian(key.Payload.AsSpan(4));
        var type = BinaryPrimitives.ReadUInt32LittleEndian(key.Payload);
        var size = type == StringType ? 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(key.Payload.AsSpan(12)) : GgufDocument.SizeOf(type);
        var first = key.Payload[12..(12 + size)];
        return key with { Payload = [.. key.Payload[..12], .. Enumerable.Repeat(first, count).SelectMany(bytes => bytes)] };
    }

    private static byte[] Text(byte[] utf8) => [.. Bytes((ulong)utf8.Length, 8), .. utf8];

    private static byte[] Bytes(ulong number, int count)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes[..count];
    }
}
