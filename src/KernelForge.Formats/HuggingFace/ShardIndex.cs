using System.Text.Json;
using KernelForge.Formats.IO;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.HuggingFace;

/// <summary>Which file holds which tensor. A name in the index must be that of a file in the folder or below, so that a model cannot name files elsewhere.</summary>
internal sealed class ShardIndex
{
    private const string FileName = "model.safetensors.index.json";
    private const string Single = "model.safetensors";
    private readonly string _path;
    private readonly IReadOnlyList<KeyValuePair<string, string>>? _map;

    private ShardIndex(string path, IReadOnlyList<string> shards, IReadOnlyList<KeyValuePair<string, string>>? map)
    {
        _path = path;
        Shards = shards;
        _map = map;
    }

    /// <summary>File names, sorted.</summary>
    public IReadOnlyList<string> Shards { get; }

    public static ShardIndex Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Path.Exists(path))
        {
            return Path.Exists(Path.Combine(folder, Single))
                ? new ShardIndex(path, [Single], null)
                : throw new ModelFormatException(folder, $"the folder has neither {Single} nor {FileName}", remedy: "Download the weights in the safetensors format.");
        }

        using var document = JsonFile.Read(folder, FileName).Document;
        if (!document.RootElement.TryGetProperty("weight_map", out var weights) || weights.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(path, "an object is expected that names the file of each tensor", "weight_map");
        var map = weights.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, ShardName(path, entry))).ToList();
        return new ShardIndex(path, map.Select(entry => entry.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList(), map);
    }

    /// <summary>The tensors of the opened <see cref="Shards"/>: those that the index names, or all of a single file.</summary>
    public IEnumerable<(SafetensorsFile File, SafetensorsTensor Tensor)> Resolve(IReadOnlyList<SafetensorsFile> shards)
    {
        if (_map is null)
            return shards[0].Tensors.Select(tensor => (shards[0], tensor));
        var byName = Shards.Zip(shards).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        return _map.Select(entry => names.Add(entry.Key)
            ? (byName[entry.Value], byName[entry.Value].Require(entry.Key))
            : throw new ModelFormatException(_path, "the same tensor twice", entry.Key));
    }

    private static string ShardName(string path, JsonProperty entry)
    {
        var name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : string.Empty;
        if (name.EndsWith(".safetensors", StringComparison.Ordinal) && ContainedFile.IsBelow(name))
            return name;
        throw new ModelFormatException(path, $"'{entry.Value}' is not the name of a safetensors file in the folder", entry.Name);
    }
}
