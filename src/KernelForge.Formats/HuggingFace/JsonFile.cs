using System.Text.Json;
using System.Text.Unicode;
using KernelForge.Formats.IO;

namespace KernelForge.Formats.HuggingFace;

/// <summary>JSON files of a model. All text in them is valid Unicode and no object has a name twice, so that whoever reads one need not ask.</summary>
internal static class JsonFile
{
    private const long Longest = 64 << 20;

    /// <summary>Reads a file of a model's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The file in it.</param>
    /// <param name="root">An object or an array.</param>
    /// <exception cref="ModelFormatException">It is missing, lies elsewhere or is no such file.</exception>
    public static (JsonDocument Document, byte[] Bytes) Read(string folder, string name, JsonValueKind root = JsonValueKind.Object)
    {
        var path = Path.Combine(folder, name);
        var real = ContainedFile.Resolve(folder, name);
        var length = new FileInfo(real).Length;
        if (length == 0)
            throw new ModelFormatException(path, "the file is empty");
        if (length > Longest)
            throw new ModelFormatException(path, $"the file has {length:N0} bytes, more than any such file needs");
        try
        {
            var bytes = File.ReadAllBytes(real);
            CheckTexts(path, bytes);
            var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == root)
                return (document, bytes);
            document.Dispose();
            throw new ModelFormatException(path, root == JsonValueKind.Object ? "an object is expected" : "a list is expected", offset: 0);
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"this is not valid JSON: {error.Message.TrimEnd('.')}", inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, $"the file cannot be read: {error.Message.TrimEnd('.')}", remedy: "Check the file and its permissions.", inner: error);
        }
    }

    private static void CheckTexts(string path, byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        var names = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    names.Pop();
                    break;
                case JsonTokenType.PropertyName when Text(path, ref reader) is var name && !names.Peek().Add(name):
                    throw new ModelFormatException(path, "the same name twice in one object", name, reader.TokenStartIndex);
                case JsonTokenType.String when reader.ValueIsEscaped || !Utf8.IsValid(reader.ValueSpan):
                    Text(path, ref reader);
                    break;
            }
        }
    }

    private static string Text(string path, ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new ModelFormatException(path, "text that is not valid Unicode", offset: reader.TokenStartIndex, inner: error);
        }
    }
}
