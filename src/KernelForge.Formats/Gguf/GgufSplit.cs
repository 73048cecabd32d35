using System.Globalization;
using System.Text.RegularExpressions;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Gguf;

/// <summary>One file of a model.</summary>
/// <param name="File">The mapped file.</param>
/// <param name="DataOffset">Where tensor data begins in it.</param>
internal sealed record GgufPart(MappedFile File, long DataOffset);

/// <summary>
/// Models in several files, as llama.cpp's <c>llama-gguf-split</c> writes and publishers upload them: NAME-00001-of-0000N.gguf. The first has the metadata,
/// each says with <c>split.no</c> (from 0) and <c>split.count</c> which one it is, and <c>split.tensors.count</c> counts the tensors of all.
/// </summary>
internal static partial class GgufSplit
{
    private const string Prefix = "split.";
    private const string NumberKey = Prefix + "no";
    private const string CountKey = Prefix + "count";
    private const string TensorsKey = Prefix + "tensors.count";

    /// <summary>Whether a key says how a model is split, and nothing about the model.</summary>
    public static bool IsKey(string key) => key is NumberKey or CountKey or TensorsKey;

    /// <summary>Paths of the other files of the model that a file begins; none where it is whole.</summary>
    /// <exception cref="ModelFormatException">It is not the first, or its name does not tell those of the others.</exception>
    public static IReadOnlyList<string> Others(GgufFile file)
    {
        var count = Number(file, CountKey, absent: 1);
        if (count <= 1)
            return [];
        var name = FileName().Match(Path.GetFileName(file.Path));
        string PathOf(long part) => Path.Combine(
            Path.GetDirectoryName(file.Path) ?? string.Empty, string.Create(CultureInfo.InvariantCulture, $"{name.Groups["model"].Value}-{part + 1:D5}-of-{count:D5}.gguf"));
        if (!name.Success || name.Groups["count"].Value != count.ToString("D5", CultureInfo.InvariantCulture))
        {
            throw Error(
                file, CountKey, $"the model is split over {count} files, and this one is not named like one of them",
                $"Name them as they were published, NAME-00001-of-{count:D5}.gguf and so on, or join them with 'llama-gguf-split --merge'.");
        }

        if (Number(file, NumberKey, absent: 0) is var number and not 0)
            throw Error(file, NumberKey, $"this is file {number + 1} of the {count} of a model", $"Give the first one: {PathOf(0)}.");
        return [.. Enumerable.Range(1, (int)count - 1).Select(part => PathOf(part))];
    }

    /// <summary>The error that another file of a model is not beside its first.</summary>
    public static ModelFormatException Missing(GgufFile file, string other) => Error(
        file, CountKey, $"the model is split over {Number(file, CountKey, absent: 1)} files, and '{Path.GetFileName(other)}' is no such file beside it",
        "Download the model again, all its files into one folder.");

    /// <summary>Whether the names of two files make them parts of one model.</summary>
    public static bool AreOfOneModel(string path, string other)
    {
        var (name, second) = (FileName().Match(Path.GetFileName(path)), FileName().Match(Path.GetFileName(other)));
        return name.Success && second.Success && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.GetDirectoryName(Path.GetFullPath(other))
            && name.Groups["model"].Value == second.Groups["model"].Value && name.Groups["count"].Value == second.Groups["count"].Value;
    }

    /// <summary>Checks that files belong together.</summary>
    /// <exception cref="ModelFormatException">One is not what its name says, a tensor is there twice or missing.</exception>
    public static void Check(IReadOnlyList<GgufFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var part = 0; part < files.Count; part++)
        {
            var file = files[part];
            if (Number(file, NumberKey, absent: -1) != part || Number(file, CountKey, absent: -1) != files.Count)
                throw Error(file, NumberKey, $"it does not say that it is file {part + 1} of {files.Count}", "Download the files of the model again, all from one place.");
            if (file.Tensors.FirstOrDefault(tensor => !names.Add(tensor.Name)) is { } twice)
                throw new ModelFormatException(file.Path, "an earlier file of the model has this tensor too", twice.Name, twice.Offset, "Download the files of the model again, all from one place.");
        }

        if (Number(files[0], TensorsKey, names.Count) is var expected && expected != names.Count)
            throw Error(files[0], TensorsKey, $"the model has {expected} tensors and its files hold {names.Count}", "Download the files of the model again, all from one place.");
    }

    private static long Number(GgufFile file, string key, long absent)
    {
        if (file.Find(key) is not { } value)
            return absent;
        return value is { IsInteger: true, Type: not GgufType.Array } && value.Integer() is >= 0 and <= int.MaxValue and var number && (key == TensorsKey || number <= ushort.MaxValue)
            ? number
            : throw new ModelFormatException(file.Path, $"a small number is expected and the type is {value.Type}", key, value.Offset);
    }

    private static ModelFormatException Error(GgufFile file, string key, string problem, string remedy) => new(file.Path, problem, key, file.Find(key)?.Offset ?? -1, remedy);

    [GeneratedRegex(@"^(?<model>.+)-\d{5}-of-(?<count>\d{5})\.gguf$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileName();
}
