using System.Text;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.IO;

namespace KernelForge.Cli.Output;

/// <summary>Where a command writes: looked at before the work begins, so that nobody waits for a result that has no place.</summary>
internal static class OutputPath
{
    /// <summary>A file that can be written, in a folder that is there: a new one would hide that its name is mistyped.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="option">The option it came by.</param>
    /// <param name="modelPath">The model, which nothing overwrites.</param>
    /// <exception cref="UserException">It cannot be written; says why.</exception>
    public static string ForFile(string path, string option, string modelPath)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new UserException($"{option} needs the path of a file.");
        if (Directory.Exists(path))
            throw new UserException($"{option} '{path}' is a folder. Name a file.");
        if (Path.GetFullPath(path) == Path.GetFullPath(modelPath))
            throw new UserException($"{option} '{path}' is the model itself, which would be lost. Name another file.");
        if (GgufFile.AreOfOneModel(modelPath, path))
            throw new UserException($"{option} '{path}' is named like a part of the model, which would be lost. Name another file.");
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new UserException($"{option} '{path}' cannot be written: there is no folder '{folder}'. Create it, or choose another place.");
        Try(path, option, () => new FileStream($"{path}.{Guid.NewGuid():N}.part", FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose());
        return path;
    }

    /// <summary>A folder that is there or can be created.</summary>
    /// <exception cref="UserException">It cannot; says why.</exception>
    public static string ForFolder(string path, string option)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new UserException($"{option} needs the path of a folder.");
        if (File.Exists(path))
            throw new UserException($"{option} '{path}' is a file. Name a folder.");
        Try(path, option, () => Directory.CreateDirectory(path));
        return path;
    }

    /// <summary>A folder that is not there yet, or is empty, beside which there is place for it.</summary>
    /// <exception cref="UserException">It cannot be written; says why.</exception>
    public static string ForNewFolder(string path, string option)
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new UserException($"{option} needs the path of a folder.");
        if (File.Exists(path))
            throw new UserException($"{option} '{path}' is a file. Name a folder.");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new UserException($"{option} '{path}' is a folder with something in it. Name a new one.");
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new UserException($"{option} '{path}' cannot be written: there is no folder '{Path.GetDirectoryName(full)}'. Create it, or choose another place.");
        var trial = $"{full}.{Guid.NewGuid():N}.part";
        Try(path, option, () =>
        {
            Directory.CreateDirectory(trial);
            Directory.Delete(trial);
        });
        return full;
    }

    /// <summary>Writes a text that is there whole or not at all.</summary>
    public static void WriteText(string path, string text) => OutputFile.Write(path, Encoding.UTF8.GetBytes(text));

    private static void Try(string path, string option, Action act)
    {
        try
        {
            act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new UserException($"{option} '{path}' cannot be written: {error.Message.TrimEnd('.')}. Choose another place.");
        }
    }
}
