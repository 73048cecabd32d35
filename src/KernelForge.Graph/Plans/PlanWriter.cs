using System.Text;

namespace KernelForge.Plans;

/// <summary>Writes the canonical encoding: integers as 7-bit groups (zigzag where negative ones occur), floats as their bits, everything little-endian.</summary>
internal sealed class PlanWriter
{
    private readonly MemoryStream _bytes = new(4096);

    public byte[] ToArray() => _bytes.ToArray();

    public void Byte(int value) => _bytes.WriteByte(checked((byte)value));

    public void Flag(bool value) => Byte(value ? 1 : 0);

    public void Integer(long value)
    {
        var rest = unchecked((ulong)((value << 1) ^ (value >> 63)));
        while (rest >= 0x80)
        {
            Byte((int)(rest & 0x7f) | 0x80);
            rest >>= 7;
        }

        Byte((int)rest);
    }

    public void Real(double value)
    {
        var bits = unchecked((ulong)BitConverter.DoubleToInt64Bits(value));
        for (var i = 0; i < 8; i++)
            Byte((int)(bits >> (8 * i)) & 0xff);
    }

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Integer(bytes.Length);
        _bytes.Write(bytes, 0, bytes.Length);
    }

    /// <summary>Text that may be missing.</summary>
    public void Optional(string? value)
    {
        Flag(value is not null);
        if (value is not null)
            Text(value);
    }

    public void List<T>(EquatableArray<T> items, Action<T> write)
    {
        Integer(items.Count);
        foreach (var item in items)
            write(item);
    }
}
