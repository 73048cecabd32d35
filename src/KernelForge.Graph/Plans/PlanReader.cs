using System.Text;

namespace KernelForge.Plans;

/// <summary>Reads what <see cref="PlanWriter"/> writes. Every count is checked against the bytes that are left before anything is allocated.</summary>
internal sealed class PlanReader(byte[] bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _position;

    public bool AtEnd => _position == bytes.Length;

    public int Byte() => _position < bytes.Length ? bytes[_position++] : throw Damaged("the bytes end here");

    public bool Flag() => Byte() switch { 0 => false, 1 => true, _ => throw Damaged("a flag is neither 0 nor 1") };

    public long Integer()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var group = Byte();
            value |= (ulong)(group & 0x7f) << shift;
            if (group >= 0x80)
                continue;
            if ((group == 0 && shift > 0) || (shift == 63 && group > 1))
                break;
            return unchecked((long)(value >> 1) ^ -(long)(value & 1));
        }

        throw Damaged("a number is not in its shortest form");
    }

    public int Int32() => Integer() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Damaged("a number is too large");

    public double Real()
    {
        ulong bits = 0;
        for (var i = 0; i < 8; i++)
            bits |= (ulong)Byte() << (8 * i);
        return BitConverter.Int64BitsToDouble(unchecked((long)bits));
    }

    /// <summary>A float that was widened when written.</summary>
    public float Single()
    {
        var value = Real();
        return BitConverter.DoubleToInt64Bits((float)value) == BitConverter.DoubleToInt64Bits(value)
            ? (float)value
            : throw Damaged("a number has more digits than a float");
    }

    public string Text()
    {
        var length = Count();
        try
        {
            var text = StrictUtf8.GetString(bytes, _position, length);
            _position += length;
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw Damaged("text is no UTF-8");
        }
    }

    public string? Optional() => Flag() ? Text() : null;

    public T Enumeration<T>()
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), Byte());
        return Enum.IsDefined(typeof(T), value) ? value : throw Damaged($"there is no such {typeof(T).Name}");
    }

    public EquatableArray<T> List<T>(Func<T> read)
    {
        var items = new T[Count()];
        for (var i = 0; i < items.Length; i++)
            items[i] = read();
        return new EquatableArray<T>(items);
    }

    public FormatException Damaged(string why) => new($"The plan is damaged at byte {_position}: {why}.");

    // Whatever is counted takes at least a byte each.
    private int Count() => Integer() is >= 0 and var count && count <= bytes.Length - _position ? (int)count : throw Damaged("a count is larger than what is left");
}
