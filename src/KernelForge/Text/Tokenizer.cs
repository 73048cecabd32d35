using System.Buffers;
using System.Text;
using KernelForge.Runtime;

namespace KernelForge.Text;

/// <summary>
/// Turns text into token ids and back. The tables are used where they lie, in the mapped packed file (docs/packed-tokenizer.md), so a tokenizer ends with its model:
/// then everything throws <see cref="ObjectDisposedException"/>. Immutable: any number of threads may use one.
/// </summary>
public sealed unsafe class Tokenizer
{
    private readonly TokenizerTables _tables;
    private readonly TokenizerPipeline _pipeline;
    private readonly bool _stripsFirstSpace;
    private readonly bool _cleansSpaces;
    private readonly Lifetime _lifetime;
    private TextEncoder? _spareEncoder;

    /// <summary>Uses the section at <paramref name="section"/>; the memory must outlive the tokenizer.</summary>
    /// <exception cref="PackedFileException">The section is damaged. What its tables hold is checked when it is used.</exception>
    public Tokenizer(byte* section, long length)
        : this(section, length, new Lifetime(() => { }))
    {
    }

    internal Tokenizer(byte* section, long length, Lifetime lifetime)
    {
        _lifetime = lifetime;
        _tables = new TokenizerTables(section, length);
        _pipeline = new TokenizerPipeline(_tables);
        _stripsFirstSpace = _tables.Header.Flags.HasFlag(TokenizerFlags.StripsFirstSpace);
        _cleansSpaces = _tables.Header.Flags.HasFlag(TokenizerFlags.CleansSpaces);
        VocabularySize = (int)_tables.Header.Tokens;
        BeginOfSequence = _tables.Header.BeginOfSequence;
        EndOfSequence = _tables.Header.EndOfSequence;
    }

    /// <summary>Number of tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text, or -1.</summary>
    public int BeginOfSequence { get; }

    /// <summary>The token that ends a text, or -1.</summary>
    public int EndOfSequence { get; }

    /// <summary>Whether the model expects <see cref="BeginOfSequence"/> before a text (a chat template writes it itself).</summary>
    public bool AddsBeginOfSequence => _tables.Before.Contains(BeginOfSequence);

    /// <summary>Whether the model expects <see cref="EndOfSequence"/> behind a text.</summary>
    public bool AddsEndOfSequence => _tables.After.Contains(EndOfSequence);

    /// <summary>Whether this token ends an answer (end of text, of turn, of message).</summary>
    public bool IsEndOfGeneration(int id) => (_tables.KindOf(Checked(id)) & TokenizerLayout.EndOfGeneration) != 0;

    /// <summary>Whether this is a control token: it has a meaning, not a text.</summary>
    public bool IsControl(int id) => (_tables.KindOf(Checked(id)) & TokenizerLayout.KindMask) == (byte)TokenKind.Control;

    /// <summary>The bytes of a token alone, those of a control token as it is written. One token's bytes need not be whole characters. Valid while the model is.</summary>
    public ReadOnlySpan<byte> GetBytes(int id) => _tables.TextOf(Checked(id));

    /// <summary>The token that matches exactly these bytes (in SentencePiece vocabularies U+2581 stands for a space), or -1.</summary>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        using var use = _lifetime.Use();
        return _pipeline.Specials.Find(utf8) is var special and >= 0 ? special : _tables.FindToken(utf8);
    }

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">The text; a surrogate without its partner counts as U+FFFD.</param>
    /// <param name="tokens">Where they go.</param>
    /// <param name="parseSpecial">Whether control tokens written out in the text are recognised: never for text from outside.</param>
    public void Encode(ReadOnlySpan<char> text, TokenBuffer tokens, bool parseSpecial = false)
    {
        ReadOnlySpan<TextRange> untrusted = parseSpecial ? [] : [new TextRange(0, text.Length)];
        Encode(text, untrusted, tokens);
    }

    /// <summary>Appends the tokens of a text; control tokens are recognised in its trusted characters.</summary>
    public void Encode(MarkedText text, TokenBuffer tokens) => Encode(text.Text, text.Untrusted, tokens);

    /// <summary>The tokens of a text, with those that the model expects around one when <paramref name="addSpecial"/>.</summary>
    public int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false)
    {
        using var use = _lifetime.Use();
        var tokens = new TokenBuffer((text.Length / 2) + 8);
        if (addSpecial)
            tokens.Add(_tables.Before);
        Encode(text, tokens, parseSpecial);
        if (addSpecial)
            tokens.Add(_tables.After);
        return tokens.Ids.ToArray();
    }

    /// <summary>The text of some tokens, the beginning of a text; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool showControl = false)
    {
        using var use = _lifetime.Use();
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        var begins = true;
        foreach (var id in ids)
        {
            if (!showControl && IsControl(id))
                continue;
            bytes.Write(GetBytes(id, begins));
            begins = false;
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes of a token in a text: without the space before it where it begins the text, or where the model writes none.</summary>
    internal ReadOnlySpan<byte> GetBytes(int id, bool begins)
    {
        var bytes = GetBytes(id);
        var dropsSpace = bytes.Length > 0 && bytes[0] == (byte)' ' && (begins
            ? _stripsFirstSpace
            : _cleansSpaces && bytes is [_, (byte)'.' or (byte)',' or (byte)'!' or (byte)'?']);
        return dropsSpace ? bytes[1..] : bytes;
    }

    /// <summary>Bytes read and look-ups made for a text: what the time is made of.</summary>
    internal long CountSteps(string text)
    {
        var encoder = new TextEncoder(_pipeline);
        encoder.Encode(Encoding.UTF8.GetBytes(text), TrustMap.Uniform(trusted: false), new TokenBuffer());
        return encoder.Steps;
    }

    private void Encode(ReadOnlySpan<char> text, ReadOnlySpan<TextRange> untrusted, TokenBuffer tokens)
    {
        using var use = _lifetime.Use();
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var encoder = Interlocked.Exchange(ref _spareEncoder, null) ?? new TextEncoder(_pipeline);
        try
        {
            // Each run of one trust is converted by itself, which tells where it lies in the bytes.
            var trust = new TrustMap(text, untrusted, utf8);
            encoder.Encode(utf8.AsSpan(0, trust.ByteCount), trust, tokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
            if (encoder.IsSmall)
                _spareEncoder = encoder;
        }
    }

    private uint Checked(int id)
    {
        ObjectDisposedException.ThrowIf(_lifetime.Ended, typeof(CompiledModel));
        return (uint)id < (uint)VocabularySize ? (uint)id : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has {VocabularySize} tokens.");
    }
}
