using KernelForge.Formats.Gguf;
using KernelForge.Manifests;

namespace KernelForge.Formats.Description;

/// <summary>The few facts of a vocabulary that compilation needs: how many tokens, and the text of those with a role.</summary>
internal static class VocabularyFacts
{
    private const string Tokens = "tokenizer.ggml.tokens";
    private static readonly string[] Tables = [Tokens, "tokenizer.ggml.merges", "tokenizer.ggml.scores", "tokenizer.ggml.token_type"];
    private static readonly (string Key, string Role)[] Roles =
    [
        ("tokenizer.ggml.bos_token_id", "bos"), ("tokenizer.ggml.eos_token_id", "eos"), ("tokenizer.ggml.eot_token_id", "eot"),
        ("tokenizer.ggml.unknown_token_id", "unk"), ("tokenizer.ggml.padding_token_id", "pad"),
    ];

    /// <summary>Whether a key holds one value a token.</summary>
    public static bool IsTable(string key) => Tables.Contains(key, StringComparer.Ordinal);

    /// <summary><c>kernelforge.vocabulary</c> and <c>kernelforge.token.*</c>. What is wrong with a vocabulary is for the tokenizer's own reader to say.</summary>
    public static IEnumerable<MetadataEntry> Of(GgufFile file)
    {
        if (file.Find(Tokens) is not { Type: GgufType.Array, ElementType: GgufType.String } tokens)
            yield break;
        yield return new MetadataEntry("kernelforge.vocabulary", MetadataType.Integer, $"{tokens.Count}");
        foreach (var (key, role) in Roles)
        {
            if (file.Find(key) is { IsInteger: true, Type: not GgufType.Array } id && id.Integer() >= 0 && id.Integer() < tokens.Count)
                yield return new MetadataEntry($"kernelforge.token.{role}", MetadataType.String, tokens.Text((int)id.Integer()));
        }
    }
}
