using System.Text.Json;

namespace KernelForge.Formats.HuggingFace;

/// <summary>Small JSON files whose root is an object.</summary>
internal static class JsonFile
{
    private const long Longest = 64 << 20;

    public static (JsonDocument Document, byte[] Bytes) Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new ModelFormatException(path, "the file does not exist", remedy: "Give the folder of a complete download.");
        if (file.Length > Longest)
            throw new ModelFormatException(path, $"the file has {file.Length:N0} bytes, more than any such file needs");
        try
        {
            var bytes = File.ReadAllBytes(path);
            var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return (document, bytes);
            document.Dispose();
            throw new ModelFormatException(path, "an object is expected");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"this is not valid JSON: {error.Message}", inner: error);
        }
    }
}
