using System.Buffers;
using System.Globalization;
using System.Text;

namespace KernelForge.Text;

/// <summary>Reads characters of UTF-8 text.</summary>
internal static class Characters
{
    /// <summary>Code point and length of the character at a place inside the text; a byte that is no UTF-8 counts as U+FFFD.</summary>
    public static int Read(ReadOnlySpan<byte> text, int index, out int length)
    {
        if (text[index] < 0x80)
        {
            length = 1;
            return text[index];
        }

        var status = Rune.DecodeFromUtf8(text[index..], out var rune, out length);
        if (status != OperationStatus.Done)
            length = Math.Max(length, 1);
        return rune.Value;
    }

    /// <summary>Length of the character at a place inside the text.</summary>
    public static int LengthAt(ReadOnlySpan<byte> text, int index)
    {
        Read(text, index, out var length);
        return length;
    }

    /// <summary>Code point of the character that ends at a place, and where it begins.</summary>
    public static int ReadBefore(ReadOnlySpan<byte> text, int end, out int start)
    {
        start = end - 1;
        while (start > 0 && end - start < 4 && (text[start] & 0xC0) == 0x80)
            start--;
        var codePoint = Read(text, start, out var length);
        if (start + length != end)
            start = end - 1;
        return codePoint;
    }

    /// <summary>Unicode's White_Space.</summary>
    public static bool IsSpace(int codePoint) => codePoint < 0x10000 && char.IsWhiteSpace((char)codePoint);

    /// <summary>A character of a word: Unicode's Alphabetic, marks, decimal digits, connectors, joiners.</summary>
    public static bool IsWord(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.Format => codePoint is 0x200C or 0x200D,
        UnicodeCategory.OtherSymbol => codePoint is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => false,
    };
}
