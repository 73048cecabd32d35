namespace KernelForge.Chat;

/// <summary>Lines of standard input as strict UTF-8: a damaged character is an error, not a question mark in a question.</summary>
internal sealed class InputLines(Stream input)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;
    private int _line;

    /// <summary>The next line without its end, or null.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8.</exception>
    public string? Next()
    {
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (at >= 0)
                return Take(at, at + 1);
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            if (_end == _buffer.Length)
                Array.Resize(ref _buffer, _buffer.Length * 2);
            var read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return _end > _start ? Take(_end - _start, _end - _start) : null;
            _end += read;
        }
    }

    private string Take(int length, int consumed)
    {
        _line++;
        var line = PromptText.Decode(_buffer.AsSpan(_start, length), $"Line {_line} of standard input");
        _start += consumed;
        return line.TrimEnd('\r');
    }
}
