using System.Buffers;
using System.Globalization;
using System.Text;

namespace KernelForge.Text;

/// <summary>The kinds of characters that pre-tokenizers tell apart.</summary>
internal enum CharacterClass
{
    /// <summary>Unicode's White_Space, line ends included.</summary>
    Space,

    /// <summary>\p{L}.</summary>
    Letter,

    /// <summary>\p{N}.</summary>
    Number,

    /// <summary>\p{P}.</summary>
    Punctuation,

    /// <summary>Marks, symbols, control characters and what is not assigned.</summary>
    Other,
}

/// <summary>Reads characters of UTF-8 text and tells their class.</summary>
internal static class Characters
{
    private static ReadOnlySpan<byte> Ascii =>
    [
        4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        0, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 3,
        3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 4, 3,
        4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 4, 3, 4, 4,
    ];

    /// <summary>Class and length of the character at a place; of length 0 at the end of the text.</summary>
    public static CharacterClass At(ReadOnlySpan<byte> text, int index, out int length)
    {
        if ((uint)index >= (uint)text.Length)
        {
            length = 0;
            return CharacterClass.Other;
        }

        if (text[index] < 0x80)
        {
            length = 1;
            return (CharacterClass)Ascii[text[index]];
        }

        return Of(Read(text, index, out length));
    }

    /// <summary>Code point and length of the character at a place inside the text; a byte that is no UTF-8 counts as U+FFFD.</summary>
    public static int Read(ReadOnlySpan<byte> text, int index, out int length)
    {
        var status = Rune.DecodeFromUtf8(text[index..], out var rune, out length);
        if (status != OperationStatus.Done)
            length = Math.Max(length, 1);
        return rune.Value;
    }

    /// <summary>The class of a code point outside of ASCII.</summary>
    private static CharacterClass Of(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterClass.Space,
        >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
        UnicodeCategory.Control when codePoint == 0x85 => CharacterClass.Space,
        _ => CharacterClass.Other,
    };
}
