namespace KernelForge.Terminal;

/// <summary>
/// What a terminal may be given of texts that models, files and users chose. Control characters are taken out, so that none of them moves the cursor, changes the title, or
/// writes over what stands there; so are the marks that turn the direction of writing around. Line ends and tabulators stay.
/// </summary>
internal static class Printable
{
    /// <summary>Whether a character stays.</summary>
    public static bool Is(char c) => c is '\n' or '\t' || (!char.IsControl(c) && c is not (>= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069'));

    /// <summary>A text without what does not stay.</summary>
    public static string Of(string text) => text.All(Is) ? text : string.Concat(text.Where(Is));

    /// <summary>Writes whole characters of UTF-8 without what does not stay.</summary>
    public static void Write(Stream output, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var clean = 0;
            int dropped;
            while ((dropped = Dropped(text[clean..])) == 0 && clean < text.Length)
                clean++;
            output.Write(text[..clean]);
            text = text[(clean + dropped)..];
        }
    }

    /// <summary>Bytes of the character at the start that does not stay; 0: it stays, or nothing is left.</summary>
    private static int Dropped(ReadOnlySpan<byte> text) => text switch
    {
        [< 0x20 and not ((byte)'\n' or (byte)'\t'), ..] or [0x7F, ..] => 1,
        [0xC2, >= 0x80 and <= 0x9F, ..] => 2,
        [0xE2, 0x80, >= 0xAA and <= 0xAE, ..] or [0xE2, 0x81, >= 0xA6 and <= 0xA9, ..] => 3,
        _ => 0,
    };
}
