using KernelForge.Plans;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace KernelForge.Generator.Declarations;

/// <summary>One <c>KernelForgeModel</c> item as the targets hand it over: a manifest and what the user chose, still as text.</summary>
public sealed record ModelItem(string Path, string Text, string Class, string Weights, string Activations, string Cache, string Context, string Source)
{
    /// <summary>The model file as the user named it.</summary>
    public string SourceName => Source.Length > 0 ? Source : System.IO.Path.GetFileName(Path);

    /// <summary>Null for an additional file that is no manifest of ours.</summary>
    internal static ModelItem? Read(AdditionalText file, AnalyzerConfigOptions options, CancellationToken cancellation)
    {
        string Get(string key) => options.TryGetValue(key, out var value) ? value.Trim() : string.Empty;

        if (!string.Equals(Get(BuildKeys.Manifest), "true", StringComparison.OrdinalIgnoreCase))
            return null;
        return new(
            file.Path,
            file.GetText(cancellation)?.ToString() ?? string.Empty,
            Get(BuildKeys.Class),
            Get(BuildKeys.Weights),
            Get(BuildKeys.Activations),
            Get(BuildKeys.Cache),
            Get(BuildKeys.Context),
            Get(BuildKeys.Source));
    }

    /// <summary>The user's choices as values; what is wrong with them comes back in <paramref name="problems"/>.</summary>
    internal ModelCompilerOptions ReadOptions(ClassName name, List<ModelProblem> problems)
    {
        if (Weights.Length > 0 && !string.Equals(Weights, "as-stored", StringComparison.OrdinalIgnoreCase))
            problems.Add(Wrong("Weights", Weights, "as-stored, or leave it out; this version does not convert weights to other types"));

        var activations = ActivationMode.Int12;
        if (Activations.Length > 0 && !TryParse(Activations, out activations))
            problems.Add(Wrong("Activations", Activations, "int12, int8 or float"));

        var cache = CacheFormat.F16;
        if (Cache.Length > 0 && !TryParse(Cache, out cache))
            problems.Add(Wrong("Kv", Cache, "f16, int8 or f32"));

        int? context = null;
        if (Context.Length > 0)
        {
            if (int.TryParse(Context, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var tokens) && tokens > 0)
                context = tokens;
            else
                problems.Add(Wrong("Context", Context, "a number of tokens of at least 1"));
        }

        return new(name.FullName, activations, cache, context, Source);
    }

    private static bool TryParse<T>(string text, out T value)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(typeof(T), value) && !char.IsDigit(text[0]) && text[0] != '-';

    private ModelProblem Wrong(string option, string value, string allowed) =>
        new("KF0004", $"{option}=\"{value}\" of the KernelForgeModel item {SourceName} is not known; write {allowed}.");
}
