using System.Globalization;
using KernelForge.Graphs;
using KernelForge.Manifests;

namespace KernelForge.Architectures;

/// <summary>
/// What an architecture sees of a model: checked hyper-parameters and tensors. A wrong one is noted as a problem and answered with a
/// harmless value, so that one reading finds all problems; an architecture looks at <see cref="Failed"/> before it trusts what it read.
/// </summary>
internal sealed partial class ModelReader
{
    // A model whose hyper-parameters are wrong may lack thousands of tensors; more than this says nothing new.
    private const int MostErrors = 12;

    private readonly Dictionary<string, MetadataEntry> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorEntry> _tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<ModelProblem> _problems = [];
    private int _errors;

    /// <param name="manifest">The model.</param>
    /// <param name="isDeclared">Its graph is declared by a user: a wrong tensor is a word of the declaration's, not a defect of the file.</param>
    public ModelReader(Manifest manifest, bool isDeclared = false)
    {
        (Manifest, IsDeclared) = (manifest, isDeclared);
        foreach (var entry in manifest.Metadata.Where(entry => entry.Type != MetadataType.Null))
            _metadata[entry.Key] = entry;
        foreach (var tensor in manifest.Tensors)
            _tensors[tensor.Name] = tensor;
        IsFolder = manifest.Find("kernelforge.layout")?.Text == "huggingface";
    }

    /// <summary>
    /// A model inside this folder: <paramref name="config"/> is the object that describes it, and tensors whose names begin with one of
    /// <paramref name="tensors"/> are its own, under the other name. What is wrong with it is for <see cref="Absorb"/> to take over.
    /// </summary>
    public ModelReader Inner(string config, params (string Outer, string Inner)[] tensors)
    {
        var prefix = FolderConfig.Prefix + config + ".";
        var metadata = Manifest.Metadata
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal) || !entry.Key.StartsWith(FolderConfig.Prefix, StringComparison.Ordinal))
            .Select(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal) ? entry with { Key = FolderConfig.Prefix + entry.Key.Substring(prefix.Length) } : entry);
        foreach (var entry in Manifest.Metadata.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            _asked.Add(entry.Key);
        var inner = new ModelReader(Manifest with
        {
            Architecture = Manifest.Find(prefix + "model_type")?.Text ?? string.Empty,
            Metadata = metadata.ToEquatableArray(),
            Tensors = default,
        });
        foreach (var tensor in Manifest.Tensors)
        {
            var (outer, name) = Array.Find(tensors, pair => tensor.Name.StartsWith(pair.Outer, StringComparison.Ordinal));
            if (outer is not null)
                inner._tensors[name + tensor.Name.Substring(outer.Length)] = tensor;
        }

        return inner;
    }

    /// <summary>Takes over what an inner model's reader has found.</summary>
    public void Absorb(ModelReader inner)
    {
        inner.RefuseUnreadOptions();
        _used.UnionWith(inner._used);
        _problems.AddRange(inner._problems);
        _errors += inner._errors;
    }

    public Manifest Manifest { get; }

    /// <summary>Whether the graph is declared by a user.</summary>
    public bool IsDeclared { get; }

    /// <summary>Whether the model is a folder with its authors' names and keys; otherwise it is a GGUF file.</summary>
    public bool IsFolder { get; }

    /// <summary>Whether any error was noted.</summary>
    public bool Failed => _errors > 0;

    /// <summary>Number of problems noted so far.</summary>
    public int ProblemCount => _problems.Count;

    public EquatableArray<ModelProblem> Problems => _errors <= MostErrors
        ? _problems.ToEquatableArray()
        : _problems.Append(new ModelProblem(_problems[0].Code, $"There are {_errors - MostErrors} more errors of this kind.")).ToEquatableArray();

    public void Error(string code, string message, string? where)
    {
        // What several readers need is missing once.
        var problem = new ModelProblem(code, Printable(message), where);
        if (_problems.Contains(problem))
            return;
        if (_errors++ < MostErrors)
            _problems.Add(problem);
    }

    public void Warning(string code, string message, string? where) =>
        _problems.Add(new ModelProblem(code, Printable(message), where, ProblemSeverity.Warning));

    /// <summary>Biases are found by their tensors, whatever these options say.</summary>
    public void AcceptBiases() => Accept("attention_bias", "attention_out_bias", "mlp_bias", "use_bias", "use_qkv_bias", "qkv_bias");

    /// <summary>Refuses options of a folder's <c>config.json</c>, and hyper-parameters of a GGUF file, that nothing has asked for.</summary>
    public void RefuseUnreadOptions()
    {
        if (IsFolder)
            FolderConfig.RefuseUnread(this, _asked);
        else
            GgufConfig.RefuseUnread(this, _asked);
    }

    /// <summary>Warns of tensors that nothing has asked for.</summary>
    public void WarnOfUnused()
    {
        var unused = Manifest.Tensors.Where(tensor => !_used.Contains(tensor.Name)).Select(tensor => tensor.Name).ToList();
        if (unused.Count == 0)
            return;
        var named = string.Join(", ", unused.Take(4)) + (unused.Count > 4 ? ", ..." : string.Empty);
        Warning(
            ProblemCodes.TensorUnused,
            $"{unused.Count} of {Manifest.Tensors.Count} tensors have no place in the architecture '{Manifest.Architecture}' and are left out: {named}.",
            unused[0]);
    }

    /// <summary>Warns of tensors that a declaration leaves out, unless it leaves out their whole layer.</summary>
    public void WarnOfLeft(DecoderTensors names)
    {
        var layers = new HashSet<int?>(_used.Select(names.LayerOf));
        var left = Manifest.Tensors.Where(tensor => !_used.Contains(tensor.Name) && layers.Contains(names.LayerOf(tensor.Name))).Select(tensor => tensor.Name).ToList();
        if (left.Count == 0)
            return;
        var named = string.Join(", ", left.Take(4)) + (left.Count > 4 ? ", ..." : string.Empty);
        Warning(Language.DeclarationCodes.TensorsLeft, $"The declaration leaves out {left.Count} of {Manifest.Tensors.Count} tensors of the weights: {named}.", null);
    }

    /// <summary>Refuses tensors of layers beyond those that the model says it has: without them it would be another model.</summary>
    public void RefuseLayersBeyond()
    {
        var key = Manifest.Architecture + ".block_count";
        var layers = Integer(key, 0, int.MaxValue, int.MaxValue);
        foreach (var tensor in Manifest.Tensors)
        {
            if (!_used.Contains(tensor.Name) && LayerOf(tensor.Name) is { } layer && layer >= layers)
            {
                Error(
                    ProblemCodes.HyperparameterContradiction,
                    $"{key} is {layers} and the file has the tensor {tensor.Name} of a layer beyond. Convert the model again.",
                    key);
                return;
            }
        }
    }

    // blk.7.attn_q.weight, model.layers.7.mlp.up_proj.weight
    private static int? LayerOf(string name)
    {
        var parts = name.Split('.');
        var place = name.StartsWith("blk.", StringComparison.Ordinal) ? 1 : name.StartsWith("model.layers.", StringComparison.Ordinal) ? 2 : 0;
        return place > 0 && int.TryParse(parts[place], NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : null;
    }

    // Messages quote names and texts of the file: a terminal must not obey them.
    private static string Printable(string message) =>
        message.Any(char.IsControl) ? string.Concat(message.Select(c => char.IsControl(c) ? '?' : c)) : message;
}
