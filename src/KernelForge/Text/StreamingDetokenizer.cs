using System.Buffers;
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
    private readonly byte[] _unfinished = new byte[4];
    private byte[] _buffer = new byte[256];
    private int _unfinishedLength;
    private bool _begins = true;

    /// <summary>Starts at the beginning of a text.</summary>
    public StreamingDetokenizer(Tokenizer tokenizer, bool showControl = false)
    {
        _tokenizer = tokenizer;
        _showControl = showControl;
    }

    /// <summary>Adds a token and returns the characters that are now whole: valid UTF-8, possibly none. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Add(int id)
    {
        if (!_showControl && _tokenizer.IsControl(id))
            return Convert(default, last: false);
        var piece = _tokenizer.GetBytes(id, _begins);
        _begins = false;
        return Convert(piece, last: false);
    }

    /// <summary>Ends the text: what is left of an unfinished character comes out as U+FFFD. The next token begins a new text.</summary>
    public ReadOnlySpan<byte> Flush()
    {
        _begins = true;
        return Convert(default, last: true);
    }

    /// <summary>Forgets an unfinished character; the next token begins a new text.</summary>
    public void Reset()
    {
        _unfinishedLength = 0;
        _begins = true;
    }

    private ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> piece, bool last)
    {
        // The input stands at the end of the buffer and the output grows from its start. A byte becomes at most three (U+FFFD), so with
        // room for three times the input the output never reaches what is still to be read.
        var length = _unfinishedLength + piece.Length;
        if (_buffer.Length < length * 4)
            _buffer = new byte[length * 8];
        var input = _buffer.AsSpan(_buffer.Length - length);
        _unfinished.AsSpan(0, _unfinishedLength).CopyTo(input);
        piece.CopyTo(input[_unfinishedLength..]);
        _unfinishedLength = 0;

        var written = 0;
        while (input.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(input, out _, out var used);
            if (status == OperationStatus.NeedMoreData && !last)
            {
                input.CopyTo(_unfinished);
                _unfinishedLength = input.Length;
                break;
            }

            var character = status == OperationStatus.Done ? input[..used] : "\uFFFD"u8;
            character.CopyTo(_buffer.AsSpan(written));
            written += character.Length;
            input = input[used..];
        }

        return _buffer.AsSpan(0, written);
    }
}
