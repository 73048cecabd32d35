using System.Text;

namespace KernelForge.Text;

/// <summary>
/// Turns tokens into UTF-8 as they come. A character whose bytes are spread over tokens comes out with the last of them, never in part;
/// bytes that cannot become a character come out as U+FFFD. Control tokens have no text. Allocates nothing per token.
/// </summary>
public sealed class StreamingDetokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _showControl;
    private byte[] _output = new byte[256];
    private int _pending;

    /// <summary>Starts at the beginning of a text.</summary>
    public StreamingDetokenizer(Tokenizer tokenizer, bool showControl = false)
    {
        _tokenizer = tokenizer;
        _showControl = showControl;
    }

    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    /// <summary>Adds a token and returns the characters that are now whole: valid UTF-8, possibly none. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Add(int id)
    {
        var piece = !_showControl && _tokenizer.IsControl(id) ? default : _tokenizer.GetBytes(id);
        return Convert(piece, last: false);
    }

    /// <summary>Ends the text: what is left of an unfinished character comes out as U+FFFD. The next token begins a new text.</summary>
    public ReadOnlySpan<byte> Flush() => Convert(default, last: true);

    /// <summary>Forgets an unfinished character.</summary>
    public void Reset() => _pending = 0;

    private ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> piece, bool last)
    {
        Span<byte> unfinished = stackalloc byte[4];
        var head = Unfinished[.._pending];
        head.CopyTo(unfinished);
        var total = _pending + piece.Length;
        if (_output.Length < (total * 3) + 8)
            _output = new byte[(total * 6) + 8];

        // The input lies behind the output, which is at most three times as long, so the two never meet.
        var input = _output.AsSpan(_output.Length - total);
        unfinished[.._pending].CopyTo(input);
        piece.CopyTo(input[_pending..]);
        _pending = 0;

        var written = 0;
        while (input.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(input, out _, out var used);
            if (status == System.Buffers.OperationStatus.NeedMoreData && !last)
            {
                _pending = input.Length;
                input.CopyTo(_unfinished);
                break;
            }

            var bytes = status == System.Buffers.OperationStatus.Done ? input[..used] : Replacement;
            bytes.CopyTo(_output.AsSpan(written));
            written += bytes.Length;
            input = input[used..];
        }

        return _output.AsSpan(0, written);
    }

    private readonly byte[] _unfinished = new byte[4];

    private ReadOnlySpan<byte> Unfinished => _unfinished;
}
