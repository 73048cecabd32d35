using KernelForge.Formats.Gguf;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Checks the small keys of a GGUF vocabulary by their names alone, those that this version does not use too: ids of tokens, switches, template.</summary>
public static class GgufTokenizerKeys
{
    private const string Prefix = "tokenizer.ggml.";
    private static readonly string[] Switches =
        ["add_bos_token", "add_eos_token", "add_sep_token", "add_space_prefix", "remove_extra_whitespaces"];

    /// <summary>Checks a file's keys.</summary>
    /// <exception cref="ModelFormatException">A key of a wrong type, or an id beyond the vocabulary.</exception>
    public static void Check(GgufFile file)
    {
        var tokens = file.Find(Prefix + "tokens") is { Type: GgufType.Array } list ? list.Count : int.MaxValue;
        foreach (var value in file.Metadata.Where(value => value.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var name = value.Key[Prefix.Length..];
            if (name.EndsWith("_token_id", StringComparison.Ordinal) || name.EndsWith("_token_ids", StringComparison.Ordinal))
                CheckIds(file, value, tokens);
            else if (Switches.Contains(name, StringComparer.Ordinal) && value.Type != GgufType.Boolean)
                throw new ModelFormatException(file.Path, $"true or false is expected and the type is {value.Type}", value.Key, value.Offset);
        }
    }

    // -1, also written unsigned, says that there is none.
    private static void CheckIds(GgufFile file, GgufValue value, int tokens)
    {
        if (!value.IsInteger || (value.Type == GgufType.Array && value.Key.EndsWith('d')))
            throw new ModelFormatException(file.Path, $"a token id is expected and the type is {value.Type}", value.Key, value.Offset);
        for (var i = 0; i < value.Count; i++)
        {
            var id = value.Integer(i);
            if (id is not (-1 or uint.MaxValue) && (id < 0 || id >= tokens))
                throw new ModelFormatException(file.Path, $"token id {id} in a vocabulary of {tokens:N0}", value.Key, value.Offset);
        }
    }
}
