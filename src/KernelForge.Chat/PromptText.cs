using System.Text;

namespace KernelForge.Chat;

/// <summary>The prompt from the command line and a file.</summary>
internal static class PromptText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The prompt, then the file's text; null where neither is given. The line end that closes a file is not part of what it says.</summary>
    /// <exception cref="ArgumentException">Nothing but white space is left.</exception>
    /// <exception cref="InvalidDataException">The file is no UTF-8.</exception>
    public static string? Combine(string? prompt, string? file)
    {
        var text = file is null ? null : Decode(Read(file), $"'{file}'").TrimEnd('\r', '\n');
        var combined = (prompt, text) switch
        {
            (null, null) => null,
            (null, _) => text,
            (_, null) => prompt,
            _ => prompt + "\n\n" + text,
        };
        return combined is not null && string.IsNullOrWhiteSpace(combined) ? throw new ArgumentException("The prompt is empty.") : combined;
    }

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var what = Directory.Exists(file) ? "it is a folder" : File.Exists(file) ? error.Message.TrimEnd('.') : "there is no such file";
            throw new IOException($"--file: '{file}' cannot be read: {what}. Give the path of a text file.", error);
        }
    }

    /// <summary>Text of UTF-8 bytes, without a byte order mark.</summary>
    /// <exception cref="InvalidDataException">They are no UTF-8; says where.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"{source} is not valid UTF-8 at byte {error.Index}. Convert it to UTF-8 first.", error);
        }
    }
}
