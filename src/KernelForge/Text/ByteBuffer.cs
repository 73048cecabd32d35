namespace KernelForge.Text;

/// <summary>Growing bytes whose memory is kept between uses.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = [];

    /// <summary>Number of bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that there is room for.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The bytes; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Add(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Clear() => Length = 0;

    private void Reserve(int count)
    {
        if (_bytes.Length - Length < count)
            Array.Resize(ref _bytes, Math.Max(Length + count, Math.Max(256, _bytes.Length * 2)));
    }
}
