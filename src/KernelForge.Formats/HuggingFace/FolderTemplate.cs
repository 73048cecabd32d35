using System.Text;
using System.Text.Json;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.HuggingFace;

/// <summary>The chat template of a model folder: <c>chat_template.jinja</c>, or <c>chat_template</c> in <c>tokenizer_config.json</c>.</summary>
/// <param name="Path">The file it stands in.</param>
/// <param name="Key">Its key there; the file's own name where it is a file.</param>
/// <param name="Text">The template.</param>
public sealed record FolderTemplate(string Path, string Key, string Text)
{
    private const string Jinja = "chat_template.jinja";
    private const string Config = "tokenizer_config.json";
    private const string ConfigKey = "chat_template";
    private const long Longest = 4 << 20;

    /// <summary>The folder's template, or null where it has none.</summary>
    /// <exception cref="ModelFormatException">What stands there is no template.</exception>
    public static FolderTemplate? Find(string folder)
    {
        var hasFile = System.IO.Path.Exists(System.IO.Path.Combine(folder, Jinja));
        var configured = System.IO.Path.Exists(System.IO.Path.Combine(folder, Config)) ? FromConfig(folder) : null;
        return hasFile ? FromFile(folder) : configured;
    }

    private static FolderTemplate FromFile(string folder)
    {
        var path = System.IO.Path.Combine(folder, Jinja);
        var real = ContainedFile.Resolve(folder, Jinja);
        if (new FileInfo(real).Length is var length and (0 or > Longest))
            throw new ModelFormatException(path, $"a chat template of {length:N0} bytes; 1 to {Longest:N0} are expected", Jinja);
        try
        {
            return new FolderTemplate(path, Jinja, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(real)));
        }
        catch (DecoderFallbackException error)
        {
            throw new ModelFormatException(path, "text that is not valid UTF-8", Jinja, error.Index, inner: error);
        }
    }

    private static FolderTemplate? FromConfig(string folder)
    {
        var path = System.IO.Path.Combine(folder, Config);
        using var document = JsonFile.Read(folder, Config).Document;
        if (!document.RootElement.TryGetProperty(ConfigKey, out var template) || template.ValueKind == JsonValueKind.Null)
            return null;
        if (template.ValueKind == JsonValueKind.String)
            return new FolderTemplate(path, ConfigKey, template.GetString()!);
        if (template.ValueKind != JsonValueKind.Array)
            throw new ModelFormatException(path, $"the chat template is of type {template.ValueKind}; text or a list of named texts is expected", ConfigKey);

        // Several templates by name: a conversation without tools takes the one called default.
        FolderTemplate? chosen = null;
        foreach (var entry in template.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || TextOf(entry, "name") is not { } name || TextOf(entry, "template") is not { } text)
                throw new ModelFormatException(path, "a template in the list has no name or no text", ConfigKey);
            if (name == "default")
                chosen = new FolderTemplate(path, ConfigKey, text);
        }

        return chosen;
    }

    private static string? TextOf(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
