using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.Quantization;

/// <summary>
/// Writes a model folder again with some matrices quantized, in the layout of compressed-tensors ("pack-quantized", groups of 32, symmetric), which
/// Q4_0 and Q8_0 fit exactly. Weight files keep their names; <c>config.json</c> gets its <c>quantization_config</c>; other files of the folder are
/// copied, but for weights in other formats and for folders in it that its modules do not need.
/// </summary>
public static class FolderRewriter
{
    private const string Config = "config.json";
    private const string Index = "model.safetensors.index.json";
    private static readonly string[] WeightFiles = [".safetensors", ".bin", ".gguf", ".pt", ".pth", ".h5", ".msgpack", ".onnx", ".part"];

    /// <summary>Writes the folder beside its place and renames it; on failure nothing is left.</summary>
    /// <param name="source">The model.</param>
    /// <param name="path">The new folder, which is not there or empty.</param>
    /// <param name="tensors">The tensors that are quantized, by name; their names end in <c>.weight</c>.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    public static void Write(HuggingFaceFolder source, string path, IReadOnlyDictionary<string, QuantizedTensor> tensors, CancellationToken cancellation = default)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var partial = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            Directory.CreateDirectory(partial);
            WriteWeights(source, partial, tensors, cancellation);
            WriteConfig(source.Path, partial, tensors);
            foreach (var file in Directory.EnumerateFiles(source.Path).Select(file => Path.GetFileName(file)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (file is not (Config or Index) && !WeightFiles.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                    Copy(source, partial, file);
            }

            foreach (var file in SentenceModules.Read(source.Path).Files.Where(file => !File.Exists(Path.Combine(partial, file))))
                Copy(source, partial, file);
            if (Directory.Exists(path))
                Directory.Delete(path);
            Directory.Move(partial, path);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static void WriteWeights(HuggingFaceFolder source, string partial, IReadOnlyDictionary<string, QuantizedTensor> tensors, CancellationToken cancellation)
    {
        var map = new JsonObject();
        var bytes = 0L;
        var shards = source.Tensors.GroupBy(tensor => tensor.File).ToArray();
        foreach (var shard in shards)
        {
            var name = Path.GetRelativePath(source.Path, shard.Key.Path);
            var target = Path.Combine(partial, name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var pieces = shard.SelectMany(entry => tensors.TryGetValue(entry.Tensor.Name, out var quantized)
                ? CompressedPiece.Of(entry.Tensor.Name, quantized)
                : [CompressedPiece.Of(entry.File, entry.Tensor)]).ToArray();
            CompressedPiece.Write(target, pieces, shard.Key.Metadata, cancellation);
            foreach (var piece in pieces)
                map[piece.Name] = name.Replace('\\', '/');
            bytes += pieces.Sum(piece => piece.Length);
        }

        if (!Path.Exists(Path.Combine(source.Path, Index)))
            return;
        var index = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = bytes }, ["weight_map"] = map };
        WriteJson(Path.Combine(partial, Index), index);
    }

    private static void WriteConfig(string folder, string partial, IReadOnlyDictionary<string, QuantizedTensor> tensors)
    {
        using var document = JsonFile.Read(folder, Config).Document;
        var config = JsonObject.Create(document.RootElement)!;
        var groups = new JsonObject();
        foreach (var group in tensors.GroupBy(tensor => tensor.Value.Type == WeightType.Q8_0 ? 8 : 4).OrderBy(group => group.Key))
        {
            groups[$"group_{groups.Count}"] = new JsonObject
            {
                ["targets"] = Names(group.Select(tensor => CompressedPiece.Module(tensor.Key))),
                ["weights"] = new JsonObject
                {
                    ["num_bits"] = group.Key,
                    ["type"] = "int",
                    ["symmetric"] = true,
                    ["strategy"] = "group",
                    ["group_size"] = BlockGrid.Length,
                    ["dynamic"] = false,
                },
                ["input_activations"] = null,
                ["output_activations"] = null,
            };
        }

        config["quantization_config"] = new JsonObject
        {
            ["quant_method"] = "compressed-tensors",
            ["format"] = "pack-quantized",
            ["quantization_status"] = "compressed",
            ["config_groups"] = groups,
            ["ignore"] = new JsonArray(),
        };
        WriteJson(Path.Combine(partial, Config), config);
    }

    // Everything is on the disk before the folder has its name.
    private static void Copy(HuggingFaceFolder source, string partial, string file)
    {
        var target = Path.Combine(partial, file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using var content = File.OpenRead(ContainedFile.Resolve(source.Path, file));
        OutputFile.WriteUnlocked(target, content.CopyTo);
    }

    private static void WriteJson(string path, JsonObject value) =>
        OutputFile.Write(path, Encoding.UTF8.GetBytes(value.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name))];
}
