using System.Runtime.InteropServices;
using KernelForge.Formats.Gguf;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Builds the <c>tokenizer</c> section of a packed file (docs/packed-tokenizer.md).</summary>
public static class TokenizerSection
{
    /// <summary>The section for a model file, or null where the file has no tokenizer at all.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged or not supported.</exception>
    public static byte[]? Write(GgufFile file) => GgufTokenizer.Read(file) is { } model ? Write(model) : null;

    /// <summary>The section for a <c>tokenizer.json</c> of Hugging Face's tokenizers; the configuration beside it names the tokens that begin and end a text.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged or not supported.</exception>
    public static byte[] WriteJson(string path) => Write(TokenizerJson.Read(path));

    /// <summary>The section for a model folder of Hugging Face's layout, or null where it has no <c>tokenizer.json</c>.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged or not supported.</exception>
    public static byte[]? WriteFolder(string path) => Path.Combine(path, "tokenizer.json") is var file && Path.Exists(file) ? WriteJson(file) : null;

    private static byte[] Write(TokenizerModel model)
    {
        var merges = HashTables.Merges([.. model.Merges.Where(merge => HashTables.MatchesAsWord(model.Kinds[merge.Result]))]);
        var words = HashTables.Vocabulary(model.Words, model.Kinds);
        var specials = SortedSpecials(model, normalized: false);
        var normalized = SortedSpecials(model, normalized: true);
        var matchesText = ReferenceEquals(model.Words, model.Texts);
        var steps = model.Normalizers.Concat(model.Splits).ToArray();
        var header = new TokenizerHeader
        {
            Magic = TokenizerLayout.Magic,
            Algorithm = model.Algorithm,
            Flags = model.Flags,
            Tokens = (uint)model.Texts.Length,
            BeginOfSequence = model.BeginOfSequence,
            EndOfSequence = model.EndOfSequence,
            Unknown = model.Unknown,
            Padding = model.Padding,
            MergeCapacity = (uint)merges.Length,
            VocabularyCapacity = (uint)words.Length,
            Specials = (uint)specials.Length,
            NormalizedSpecials = (uint)normalized.Length,
            TextLength = (uint)model.Texts.Sum(static text => text.Length),
            WordLength = matchesText ? 0 : (uint)model.Words.Sum(static word => word.Length),
            LongestWord = LongestWord(model),
            LongestInput = model.LongestInput,
            Normalizers = (uint)model.Normalizers.Count,
            Splits = (uint)model.Splits.Count,
            Before = (uint)model.Before.Count,
            After = (uint)model.After.Count,
        };

        using var output = new MemoryStream();
        output.SetLength(TokenizerHeader.Size);
        header.TextStarts = Append<uint>(output, Starts(model.Texts));
        header.Text = Append<byte>(output, Join(model.Texts));
        header.WordStarts = Append<uint>(output, matchesText ? [] : Starts(model.Words));
        header.Words = Append<byte>(output, matchesText ? [] : Join(model.Words));
        header.Kinds = Append<byte>(output, model.Kinds);
        header.Bytes = Append<int>(output, model.ByteTokens);
        header.Merges = Append<MergeSlot>(output, merges);
        header.Vocabulary = Append<uint>(output, words);
        header.SpecialIds = Append<int>(output, [.. specials, .. normalized]);
        header.Scores = Append<double>(output, model.Scores);
        header.Around = Append<int>(output, [.. model.Before, .. model.After]);
        header.Steps = Append<StepSlot>(output, Array.ConvertAll(steps, step => Slot(output, step)));
        var section = output.ToArray();
        MemoryMarshal.Write(section, in header);
        return section;
    }

    private static StepSlot Slot(MemoryStream output, TokenizerStep step) =>
        new() { Kind = step.Kind, Options = step.Options, Offset = Append<byte>(output, step.Data), Length = (ulong)step.Data.Length };

    private static uint LongestWord(TokenizerModel model) =>
        (uint)model.Words.Where((_, id) => IsNormal(model.Kinds[id])).Select(static word => word.Length).DefaultIfEmpty().Max();

    private static bool IsNormal(byte kind) => (kind & TokenizerLayout.KindMask) == (byte)TokenKind.Normal;

    private static uint[] Starts(byte[][] texts)
    {
        var starts = new uint[texts.Length + 1];
        for (var i = 0; i < texts.Length; i++)
            starts[i + 1] = starts[i] + (uint)texts[i].Length;
        return starts;
    }

    private static byte[] Join(byte[][] texts)
    {
        var joined = new byte[texts.Sum(static text => text.Length)];
        var end = 0;
        foreach (var text in texts)
        {
            text.CopyTo(joined, end);
            end += text.Length;
        }

        return joined;
    }

    private static int[] SortedSpecials(TokenizerModel model, bool normalized) =>
    [
        .. Enumerable.Range(0, model.Words.Length)
            .Where(id => !IsNormal(model.Kinds[id]) && model.Words[id].Length > 0 && model.Normalized.Contains(id) == normalized)
            .Order(Comparer<int>.Create((left, right) => model.Words[left].AsSpan().SequenceCompareTo(model.Words[right]))),
    ];

    /// <summary>Appends a table on a boundary of 64 bytes; returns where it begins.</summary>
    private static ulong Append<T>(MemoryStream output, ReadOnlySpan<T> table)
        where T : unmanaged
    {
        output.Position = (output.Length + 63) & ~63L;
        var offset = (ulong)output.Position;
        output.SetLength(output.Position);
        output.Write(MemoryMarshal.AsBytes(table));
        return offset;
    }
}
