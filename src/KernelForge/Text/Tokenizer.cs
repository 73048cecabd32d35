namespace KernelForge.Text;

/// <summary>
/// Turns text into token ids and back. The tables are used where they lie, in the mapped packed file (docs/packed-tokenizer.md).
/// Immutable: any number of threads may use one.
/// </summary>
public sealed unsafe class Tokenizer
{
    /// <summary>Uses the section at <paramref name="section"/>; the memory must outlive the tokenizer.</summary>
    /// <exception cref="InvalidDataException">The section is damaged.</exception>
    public Tokenizer(byte* section, long length) => throw new NotSupportedException($"{(nint)section} {length}");

    /// <summary>Number of tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text, or -1.</summary>
    public int BeginOfSequence { get; }

    /// <summary>The token that ends a text, or -1.</summary>
    public int EndOfSequence { get; }

    /// <summary>Whether the model expects <see cref="BeginOfSequence"/> before a text (a chat template writes it itself).</summary>
    public bool AddsBeginOfSequence { get; }

    /// <summary>Whether the model expects <see cref="EndOfSequence"/> behind a text.</summary>
    public bool AddsEndOfSequence { get; }

    /// <summary>Whether this token ends an answer (end of text, of turn, of message).</summary>
    public bool IsEndOfGeneration(int id) => throw new NotSupportedException($"{id}");

    /// <summary>Whether this is a control token: it has a meaning, not a text.</summary>
    public bool IsControl(int id) => throw new NotSupportedException($"{id}");

    /// <summary>The bytes of a token. Those of one token need not be whole characters.</summary>
    public ReadOnlySpan<byte> GetBytes(int id) => throw new NotSupportedException($"{id}");

    /// <summary>The token of exactly this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => throw new NotSupportedException($"{utf8.Length}");

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Where they go.</param>
    /// <param name="parseSpecial">Whether control tokens written out in the text are recognised: never for text from outside.</param>
    public void Encode(ReadOnlySpan<char> text, TokenBuffer tokens, bool parseSpecial = false) => throw new NotSupportedException($"{text.Length} {tokens.Count} {parseSpecial}");

    /// <summary>Appends the tokens of a text; control tokens are recognised in its trusted characters.</summary>
    public void Encode(MarkedText text, TokenBuffer tokens) => throw new NotSupportedException($"{text} {tokens.Count}");

    /// <summary>The tokens of a text, with the begin and end tokens that the model expects when <paramref name="addSpecial"/>.</summary>
    public int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false) => throw new NotSupportedException($"{text} {addSpecial} {parseSpecial}");

    /// <summary>The text of some tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool showControl = false) => throw new NotSupportedException($"{ids.Length} {showControl}");
}
