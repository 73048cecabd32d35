using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;

namespace KernelForge.Runtime.Tests.Text;

/// <summary>A vocabulary under Data/tokenizers (smollm2: that of the model in the repository), packed, and what the reference answers for it.</summary>
internal sealed unsafe class GoldenTokenizer
{
    /// <summary>The vocabularies.</summary>
    public static readonly string[] Names = ["smollm2", "gpt-2", "qwen2", "deepseek-coder", "falcon", "phi-3", "bert-bge"];

    private static readonly Dictionary<string, Lazy<GoldenTokenizer>> Loaded =
        Names.ToDictionary(name => name, name => new Lazy<GoldenTokenizer>(() => new GoldenTokenizer(name)));

    private GoldenTokenizer(string name)
    {
        Section = name == "smollm2" ? Pack(Repository.SmolLM2) : PackCompressed(name);

        // Lives as long as the test process, as a mapped file lives as long as its model.
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Section.Length, 64);
        Section.CopyTo(new Span<byte>(memory, Section.Length));
        Tokenizer = new Tokenizer(memory, Section.Length);
        Answers = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(DataFolder, name + ".json"))).RootElement;
    }

    public byte[] Section { get; }

    public Tokenizer Tokenizer { get; }

    public JsonElement Answers { get; }

    private static string DataFolder => Path.Combine(AppContext.BaseDirectory, "Data", "tokenizers");

    public static GoldenTokenizer Load(string name) => Loaded[name].Value;

    private static byte[] PackCompressed(string name)
    {
        var path = Path.Combine(Path.GetTempPath(), $"kernelforge-{Guid.NewGuid():N}.gguf");
        try
        {
            using (var compressed = new GZipStream(File.OpenRead(Path.Combine(DataFolder, name + ".gguf.gz")), CompressionMode.Decompress))
            using (var file = File.Create(path))
                compressed.CopyTo(file);
            return Pack(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Pack(string path)
    {
        using var file = GgufFile.Open(path);
        return TokenizerSection.Write(file)!;
    }
}
