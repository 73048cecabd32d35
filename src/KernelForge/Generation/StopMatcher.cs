namespace KernelForge.Generation;

/// <summary>
/// Finds stop texts in UTF-8 that comes in pieces. Whatever could still become a stop text is held back, so that no part of one gets out.
/// Allocates only when a piece is longer than any before.
/// </summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    private readonly byte[][] _stops = [.. stops.Select(System.Text.Encoding.UTF8.GetBytes)];
    private byte[] _buffer = new byte[256];
    private int _count;
    private int _released;

    /// <summary>Whether a stop text has come.</summary>
    public bool Matched { get; private set; }

    /// <summary>Adds a piece and returns what may go out; valid until the next call.</summary>
    public ReadOnlySpan<byte> Add(ReadOnlySpan<byte> piece)
    {
        if (_stops.Length == 0)
            return piece;
        DropReleased();
        if (_buffer.Length < _count + piece.Length)
            Array.Resize(ref _buffer, (_count + piece.Length) * 2);
        piece.CopyTo(_buffer.AsSpan(_count));
        _count += piece.Length;
        var text = _buffer.AsSpan(0, _count);

        var end = FirstStop(text);
        Matched = end >= 0;
        if (!Matched)
            end = _count - HeldBack(text);
        _released = Matched ? _count : end;
        return text[..end];
    }

    /// <summary>What is held back; nothing after a stop text.</summary>
    public ReadOnlySpan<byte> Flush()
    {
        DropReleased();
        _released = _count;
        return _buffer.AsSpan(0, _count);
    }

    private void DropReleased()
    {
        _buffer.AsSpan(_released, _count - _released).CopyTo(_buffer);
        _count -= _released;
        _released = 0;
    }

    /// <summary>Start of the stop text that ends first: which one that is does not depend on how the text was cut. Of those the longest.</summary>
    private int FirstStop(ReadOnlySpan<byte> text)
    {
        var (start, end) = (-1, int.MaxValue);
        foreach (var stop in _stops)
        {
            var at = text.IndexOf(stop);
            if (at < 0 || at + stop.Length > end || (at + stop.Length == end && at > start))
                continue;
            (start, end) = (at, at + stop.Length);
        }
        return start;
    }

    private int HeldBack(ReadOnlySpan<byte> text)
    {
        var held = 0;
        foreach (var stop in _stops)
        {
            for (var length = Math.Min(stop.Length - 1, text.Length); length > held; length--)
            {
                if (text.EndsWith(stop.AsSpan(0, length)))
                    held = length;
            }
        }
        return held;
    }
}
