using System.Text.Json;
using KernelForge.Formats.HuggingFace;

namespace KernelForge.Formats.Tokenizers;

/// <summary>What the files beside <c>tokenizer.json</c> say of the tokens that begin and end a text.</summary>
internal sealed class SpecialIds
{
    private SpecialIds(string folder, Func<string, int> find)
    {
        if (Read(folder, "tokenizer_config.json") is { } config)
        {
            Begin = TokenOf(config.Find("bos_token"), find);
            End = TokenOf(config.Find("eos_token"), find);
            Padding = TokenOf(config.Find("pad_token"), find);
        }

        foreach (var name in (ReadOnlySpan<string>)["generation_config.json", "config.json"])
        {
            if (Read(folder, name)?.Find("eos_token_id") is not { } ids)
                continue;
            if (ids.Value.ValueKind == JsonValueKind.Array)
                Ends.UnionWith(ids.Items().Select(static id => id.AsId()));
            else
                Ends.Add(ids.AsId());
        }

        if (End >= 0)
            Ends.Add(End);
        else if (Ends.Count > 0)
            End = Ends.Min();
    }

    /// <summary>Begins a text, or -1.</summary>
    public int Begin { get; } = -1;

    /// <summary>Ends a text, or -1.</summary>
    public int End { get; } = -1;

    /// <summary>Fills up a batch, or -1.</summary>
    public int Padding { get; } = -1;

    /// <summary>All that end an answer.</summary>
    public HashSet<int> Ends { get; } = [];

    public static SpecialIds Of(string folder, Func<string, int> find) => new(folder, find);

    private static TokenizerElement? Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!Path.Exists(path))
            return null;
        using var document = JsonFile.Read(folder, name).Document;
        return new TokenizerElement(path, "", document.RootElement.Clone());
    }

    // A text, or an object with its content.
    private static int TokenOf(TokenizerElement? token, Func<string, int> find) =>
        token is not { } value ? -1 : find(value.Value.ValueKind == JsonValueKind.String ? value.AsText() : value.RequiredText("content"));
}
