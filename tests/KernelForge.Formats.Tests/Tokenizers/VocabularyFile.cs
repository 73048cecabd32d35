using System.Text;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Tokenizers;

namespace KernelForge.Formats.Tests.Tokenizers;

/// <summary>A GGUF file of a small sound vocabulary and nothing else; tests spoil one key of it.</summary>
internal sealed class VocabularyFile
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal)
    {
        ["tokenizer.ggml.model"] = "gpt2",
        ["tokenizer.ggml.pre"] = "gpt-2",
        ["tokenizer.ggml.tokens"] = new[] { "<|begin|>", "<|end|>", "a", "b", "c", "ab", "abc", "\u0120" },
        ["tokenizer.ggml.token_type"] = new[] { 3, 3, 1, 1, 1, 1, 1, 1 },
        ["tokenizer.ggml.merges"] = new[] { "a b", "ab c" },
        ["tokenizer.ggml.bos_token_id"] = 0u,
        ["tokenizer.ggml.eos_token_id"] = 1u,
        ["tokenizer.ggml.add_bos_token"] = true,
    };

    /// <summary>Sets a key, or removes it.</summary>
    public VocabularyFile With(string key, object? value)
    {
        _values.Remove("tokenizer.ggml." + key);
        if (value is not null)
            _values["tokenizer.ggml." + key] = value;
        return this;
    }

    /// <summary>Removes all keys.</summary>
    public VocabularyFile WithNothing()
    {
        _values.Clear();
        return this;
    }

    /// <summary>The packed section of the file.</summary>
    public byte[]? Pack()
    {
        using var folder = new ScratchFolder();
        File.WriteAllBytes(folder["vocabulary.gguf"], ToBytes());
        using var file = GgufFile.Open(folder["vocabulary.gguf"]);
        return TokenizerSection.Write(file);
    }

    private byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(0ul);
        writer.Write((ulong)_values.Count);
        foreach (var (key, value) in _values)
        {
            Write(writer, key);
            writer.Write((uint)TypeOf(value));
            WriteValue(writer, value);
        }

        writer.Write(new byte[64]);
        return stream.ToArray();
    }

    private static GgufType TypeOf(object value) => value switch
    {
        string => GgufType.String,
        uint => GgufType.UInt32,
        int => GgufType.Int32,
        float => GgufType.Float32,
        bool => GgufType.Boolean,
        Array => GgufType.Array,
        _ => throw new ArgumentException("no such type in this helper", nameof(value)),
    };

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case string text:
                Write(writer, text);
                break;
            case uint number:
                writer.Write(number);
                break;
            case int number:
                writer.Write(number);
                break;
            case float number:
                writer.Write(number);
                break;
            case bool flag:
                writer.Write(flag);
                break;
            case Array array:
                writer.Write((uint)(array.Length > 0 ? TypeOf(array.GetValue(0)!) : GgufType.String));
                writer.Write((ulong)array.Length);
                foreach (var item in array)
                    WriteValue(writer, item);
                break;
        }
    }

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }
}
