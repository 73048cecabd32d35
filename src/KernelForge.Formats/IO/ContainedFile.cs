namespace KernelForge.Formats.IO;

/// <summary>Files that a model names itself: they must lie in the model's own folder, also after every symbolic link was followed, so that no model makes a program open what it was not given.</summary>
internal static class ContainedFile
{
    private const int MostLinks = 40;

    /// <summary>
    /// Whether a name that a model gives is that of a file in its folder or below by its parts alone. One that goes up and comes back may be read, since
    /// <see cref="Resolve"/> looks at where it ends; written below another folder it would end outside.
    /// </summary>
    public static bool IsBelow(string name) => name.AsSpan().IndexOfAny("\\:\0") < 0 && name.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>The real path of a file of a folder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="name">Name of a file in it.</param>
    /// <exception cref="ModelFormatException">It is missing, is no file, or lies elsewhere.</exception>
    public static string Resolve(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var real = RealPath(path);
        var home = RealPath(folder);
        if (real != home && !IsInside(real, home) && (Blobs(home) is not { } blobs || !IsInside(real, blobs)))
            throw new ModelFormatException(path, "a symbolic link leads out of the model's folder, to a file that the model does not own", name, remedy: "Put the file itself into the folder.");
        if (Directory.Exists(real))
            throw new ModelFormatException(path, "a folder stands where a file is expected", name);
        if (!File.Exists(real))
            throw new ModelFormatException(path, "no such file", name, remedy: "Download the model again: a part of it is missing.");
        return real;
    }

    // A download cache keeps the files of all revisions of a model in models--NAME/blobs/, and models--NAME/snapshots/REVISION/ is a folder of links to them.
    private static string? Blobs(string folder)
    {
        var snapshots = Path.GetDirectoryName(folder);
        var model = Path.GetDirectoryName(snapshots);
        return model is not null && Path.GetFileName(snapshots) == "snapshots" && Path.GetFileName(model).StartsWith("models--", StringComparison.Ordinal)
            ? Path.Combine(model, "blobs")
            : null;
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A path without links, whichever of its parts is one.</summary>
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetPathRoot(full)!;
        var left = new Stack<string>(Parts(full[root.Length..]));
        var real = root;
        for (var links = 0; left.TryPop(out var part);)
        {
            var next = Path.GetFullPath(Path.Combine(real, part));
            if (Target(next) is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
                throw new ModelFormatException(path, "symbolic links that lead to each other");
            if (Path.IsPathRooted(target))
                (real, target) = (Path.GetPathRoot(target)!, target[Path.GetPathRoot(target)!.Length..]);
            foreach (var inner in Parts(target))
                left.Push(inner);
        }

        return real;
    }

    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Last part first: they are pushed on a stack.
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).AsEnumerable().Reverse();
}
