using System.Text;

namespace KernelForge.Text;

/// <summary>Converts marked text to UTF-8 and tells which of the bytes are trusted. Asked from left to right.</summary>
internal ref struct TrustMap
{
    private static readonly TextRange[] Everything = [new TextRange(0, int.MaxValue)];

    private readonly TextRange[] _untrusted;
    private int _next;

    private TrustMap(TextRange[] untrusted) => _untrusted = untrusted;

    public TrustMap(ReadOnlySpan<char> text, ReadOnlySpan<TextRange> untrusted, Span<byte> utf8)
    {
        _untrusted = new TextRange[untrusted.Length];
        var done = 0;
        for (var i = 0; i < untrusted.Length; i++)
        {
            ByteCount += Encoding.UTF8.GetBytes(text[done..untrusted[i].Start], utf8[ByteCount..]);
            var start = ByteCount;
            ByteCount += Encoding.UTF8.GetBytes(text[untrusted[i].Start..untrusted[i].End], utf8[ByteCount..]);
            _untrusted[i] = new TextRange(start, ByteCount);
            done = untrusted[i].End;
        }

        ByteCount += Encoding.UTF8.GetBytes(text[done..], utf8[ByteCount..]);
    }

    /// <summary>All bytes, or none.</summary>
    public static TrustMap Uniform(bool trusted) => new(trusted ? [] : Everything);

    /// <summary>Bytes of the whole text.</summary>
    public int ByteCount { get; }

    /// <summary>How many bytes from this one on are trusted. Later calls ask for later places.</summary>
    public int TrustedFrom(int index)
    {
        while (_next < _untrusted.Length && _untrusted[_next].End <= index)
            _next++;
        return _next == _untrusted.Length ? int.MaxValue : Math.Max(0, _untrusted[_next].Start - index);
    }
}
