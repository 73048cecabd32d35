using System.Text;

namespace KernelForge.Cli.Commands;

/// <summary>Text files that options name.</summary>
internal static class TextFile
{
    /// <summary>The whole text.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="option">The option it came by.</param>
    /// <exception cref="UserException">It cannot be read, or is not UTF-8.</exception>
    public static string Read(string path, string option)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException)
        {
            var what = Directory.Exists(path) ? "it is a folder" : File.Exists(path) ? error.Message.TrimEnd('.') : "there is no such file";
            throw new UserException($"{option} '{path}' cannot be read: {what}. Give the path of a text file.");
        }
        catch (DecoderFallbackException error)
        {
            throw new UserException($"{path}: not valid UTF-8 (near byte {error.Index:N0}). Convert the file to UTF-8.");
        }
    }
}
