using System.Runtime.InteropServices;
using System.Text;
using KernelForge.Formats.Gguf;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Builds the <c>tokenizer</c> section of a packed file (docs/packed-tokenizer.md).</summary>
public static class TokenizerSection
{
    /// <summary>The section for a model file, or null where the file has no tokenizer at all.</summary>
    /// <exception cref="ModelFormatException">The tokenizer is damaged or not supported.</exception>
    public static byte[]? Write(GgufFile file) => GgufVocabulary.IsPresent(file) ? Write(GgufVocabulary.Read(file)) : null;

    private static byte[] Write(GgufVocabulary vocabulary)
    {
        var count = vocabulary.Tokens.Length;
        var texts = new byte[count][];
        var kinds = new byte[count];
        for (var i = 0; i < count; i++)
        {
            var kind = ControlTokens.KindOf(vocabulary, i);
            texts[i] = (kind == TokenKind.Normal ? ByteAlphabet.Decode(vocabulary.Tokens[i]) : null) ?? Encoding.UTF8.GetBytes(vocabulary.Tokens[i]);
            kinds[i] = (byte)((int)kind | (ControlTokens.EndsGeneration(vocabulary, i) ? TokenizerLayout.EndOfGeneration : 0));
        }

        var merges = HashTables.Merges(vocabulary.Merges);
        var words = HashTables.Vocabulary(texts, kinds);
        var specials = SortedSpecials(texts, kinds);
        var header = new TokenizerHeader
        {
            Magic = TokenizerLayout.Magic,
            Algorithm = 1,
            PreTokenizer = vocabulary.PreTokenizer,
            Flags = vocabulary.Flags,
            Tokens = (uint)count,
            BeginOfSequence = vocabulary.BeginOfSequence,
            EndOfSequence = vocabulary.EndOfSequence,
            Unknown = vocabulary.Unknown,
            Padding = vocabulary.Padding,
            MergeCapacity = (uint)merges.Length,
            VocabularyCapacity = (uint)words.Length,
            Specials = (uint)specials.Length,
            TextLength = (uint)texts.Sum(static text => text.Length),
        };

        using var output = new MemoryStream();
        output.SetLength(TokenizerHeader.Size);
        header.TextStarts = Append<uint>(output, Starts(texts));
        header.Text = Append<byte>(output, Join(texts, header.TextLength));
        header.Kinds = Append<byte>(output, kinds);
        header.Bytes = Append<int>(output, ByteTokens(vocabulary));
        header.Merges = Append<MergeSlot>(output, merges);
        header.Vocabulary = Append<uint>(output, words);
        header.SpecialIds = Append<uint>(output, specials);
        var section = output.ToArray();
        MemoryMarshal.Write(section, in header);
        return section;
    }

    private static uint[] Starts(byte[][] texts)
    {
        var starts = new uint[texts.Length + 1];
        for (var i = 0; i < texts.Length; i++)
            starts[i + 1] = starts[i] + (uint)texts[i].Length;
        return starts;
    }

    private static byte[] Join(byte[][] texts, uint length)
    {
        var joined = new byte[length];
        var end = 0;
        foreach (var text in texts)
        {
            text.CopyTo(joined, end);
            end += text.Length;
        }

        return joined;
    }

    private static int[] ByteTokens(GgufVocabulary vocabulary)
    {
        var tokens = new int[256];
        Array.Fill(tokens, -1);
        var bytes = Enumerable.Range(0, 256).ToDictionary(static value => ByteAlphabet.CharacterOf((byte)value).ToString(), StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Tokens.Length; id++)
        {
            if (vocabulary.Kinds[id] == TokenKind.Normal && bytes.TryGetValue(vocabulary.Tokens[id], out var value))
                tokens[value] = id;
        }

        return tokens;
    }

    private static uint[] SortedSpecials(byte[][] texts, byte[] kinds) =>
    [
        .. Enumerable.Range(0, texts.Length)
            .Where(id => (kinds[id] & TokenizerLayout.KindMask) != (byte)TokenKind.Normal && texts[id].Length > 0)
            .Order(Comparer<int>.Create((left, right) => texts[left].AsSpan().SequenceCompareTo(texts[right])))
            .Select(static id => (uint)id),
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
