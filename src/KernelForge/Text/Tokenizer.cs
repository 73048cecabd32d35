using System.Buffers;
using System.Text;

namespace KernelForge.Text;

/// <summary>
/// Turns text into token ids and back. The tables are used where they lie, in the mapped packed file (docs/packed-tokenizer.md).
/// Immutable: any number of threads may use one.
/// </summary>
public sealed unsafe class Tokenizer
{
    private readonly TokenizerTables _tables;
    private readonly SpecialTokens _specials;
    private readonly PreTokenizer _preTokenizer;
    private readonly TokenizerFlags _flags;
    private BytePairMerger? _spareMerger;

    /// <summary>Uses the section at <paramref name="section"/>; the memory must outlive the tokenizer.</summary>
    /// <exception cref="PackedFileException">The section is damaged. What its tables hold is checked when it is used.</exception>
    public Tokenizer(byte* section, long length)
    {
        _tables = new TokenizerTables(section, length);
        _specials = new SpecialTokens(_tables);
        _preTokenizer = _tables.Header.PreTokenizer;
        _flags = _tables.Header.Flags;
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
    public bool AddsBeginOfSequence => _flags.HasFlag(TokenizerFlags.AddBeginOfSequence) && BeginOfSequence >= 0;

    /// <summary>Whether the model expects <see cref="EndOfSequence"/> behind a text.</summary>
    public bool AddsEndOfSequence => _flags.HasFlag(TokenizerFlags.AddEndOfSequence) && EndOfSequence >= 0;

    /// <summary>Whether this token ends an answer (end of text, of turn, of message).</summary>
    public bool IsEndOfGeneration(int id) => (_tables.KindOf(Checked(id)) & TokenizerLayout.EndOfGeneration) != 0;

    /// <summary>Whether this is a control token: it has a meaning, not a text.</summary>
    public bool IsControl(int id) => (_tables.KindOf(Checked(id)) & TokenizerLayout.KindMask) == (byte)TokenKind.Control;

    /// <summary>The bytes of a token, those of a control token as it is written. One token's bytes need not be whole characters.</summary>
    public ReadOnlySpan<byte> GetBytes(int id) => _tables.TextOf(Checked(id));

    /// <summary>The token of exactly these bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => _specials.Find(utf8) is var special and >= 0 ? special : _tables.FindToken(utf8);

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

    /// <summary>The tokens of a text, with the begin and end tokens that the model expects when <paramref name="addSpecial"/>.</summary>
    public int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false)
    {
        var tokens = new TokenBuffer((text.Length / 2) + 8);
        if (addSpecial && AddsBeginOfSequence)
            tokens.Add(BeginOfSequence);
        Encode(text, tokens, parseSpecial);
        if (addSpecial && AddsEndOfSequence)
            tokens.Add(EndOfSequence);
        return tokens.Ids.ToArray();
    }

    /// <summary>The text of some tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool showControl = false)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        foreach (var id in ids)
        {
            if (showControl || !IsControl(id))
                bytes.Write(GetBytes(id));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private void Encode(ReadOnlySpan<char> text, ReadOnlySpan<TextRange> untrusted, TokenBuffer tokens)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var merger = Interlocked.Exchange(ref _spareMerger, null) ?? new BytePairMerger();
        try
        {
            // Each run of one trust is converted by itself, which tells where it lies in the bytes.
            var trust = new TrustMap(text, untrusted, utf8);
            EncodeUtf8(utf8.AsSpan(0, trust.ByteCount), trust, merger, tokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
            if (merger.IsSmall)
                _spareMerger = merger;
        }
    }

    private void EncodeUtf8(ReadOnlySpan<byte> text, TrustMap trust, BytePairMerger merger, TokenBuffer tokens)
    {
        var start = 0;
        for (var index = 0; index < text.Length;)
        {
            var id = _specials.Match(text[index..], trust.TrustedFrom(index), out var length);
            if (id < 0)
            {
                index++;
                continue;
            }

            EncodeOrdinary(text[start..index], merger, tokens);
            tokens.Add(id);
            index += length;
            start = index;
        }

        EncodeOrdinary(text[start..], merger, tokens);
    }

    /// <summary>Encodes text without special tokens in it.</summary>
    private void EncodeOrdinary(ReadOnlySpan<byte> text, BytePairMerger merger, TokenBuffer tokens)
    {
        if (_flags.HasFlag(TokenizerFlags.NormalizeComposed) && !ComposedForm.IsCertain(text))
            text = ComposedForm.Normalize(text);
        for (var start = 0; start < text.Length;)
        {
            var end = WordScanner.Next(_preTokenizer, text, start);
            var word = text[start..end];
            if (_flags.HasFlag(TokenizerFlags.WholeWords) && _tables.FindToken(word) is var whole and >= 0)
                tokens.Add(whole);
            else
                merger.Merge(_tables, word, tokens);
            start = end;
        }
    }

    private uint Checked(int id) =>
        (uint)id < (uint)VocabularySize ? (uint)id : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary has {VocabularySize} tokens.");
}
