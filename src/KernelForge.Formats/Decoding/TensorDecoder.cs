using System.Buffers.Binary;

namespace KernelForge.Formats.Decoding;

/// <summary>
/// Turns the stored bytes of one type into the float32 values they stand for, exactly. One subclass a type, one file each: a new
/// file is found by itself.
/// </summary>
public abstract class TensorDecoder
{
    private static readonly Dictionary<int, TensorDecoder> Decoders = typeof(TensorDecoder).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(TensorDecoder)) && !type.IsAbstract)
        .Select(type => (TensorDecoder)Activator.CreateInstance(type)!)
        .ToDictionary(decoder => (int)decoder.Type);

    /// <summary>The type it reads.</summary>
    public abstract WeightType Type { get; }

    /// <summary>Values of a block.</summary>
    public abstract int BlockValues { get; }

    /// <summary>Bytes of a block.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Decodes whole blocks.</summary>
    protected abstract void DecodeBlocks(ReadOnlySpan<byte> bytes, Span<float> values);

    /// <summary>The decoder of a ggml type id, or null where this version has none.</summary>
    public static TensorDecoder? Find(int type) => Decoders.GetValueOrDefault(type);

    /// <summary>Decodes whole blocks of a type.</summary>
    /// <exception cref="NotSupportedException">No decoder for this type.</exception>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public static void Decode(WeightType type, ReadOnlySpan<byte> bytes, Span<float> values) =>
        (Find((int)type) ?? throw new NotSupportedException($"No decoder for tensors of type {type}.")).Decode(bytes, values);

    /// <summary>Whether every value of whole blocks is finite; looks at the scales only, where a type has them.</summary>
    public abstract bool AllFinite(ReadOnlySpan<byte> bytes);

    /// <summary>Whether the binary16 numbers at <paramref name="offset"/> of each block are finite.</summary>
    protected bool HalvesFinite(ReadOnlySpan<byte> bytes, int offset)
    {
        const int Infinity = 0x7C00;
        for (; offset < bytes.Length; offset += BlockBytes)
        {
            if ((BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]) & Infinity) == Infinity)
                return false;
        }
        return true;
    }

    /// <summary>Decodes whole blocks.</summary>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (values.Length % BlockValues != 0 || bytes.Length != values.Length / BlockValues * BlockBytes)
            throw new ArgumentException($"{bytes.Length:N0} bytes of {Type} are not {values.Length:N0} values.", nameof(bytes));
        DecodeBlocks(bytes, values);
    }
}
