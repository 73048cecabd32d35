using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Tests.Checkpoints;

/// <summary>A small llama as a folder, whose matrices over the residual stream are stored in a layout of the reference file.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private static readonly string[] Quantized = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"];

    private readonly ScratchFolder _folder = new();

    public List<Tensor> Tensors { get; } = [];

    public JsonObject Config { get; private set; } = [];

    public string Path => _folder.Root;

    /// <summary>A tensor to be written.</summary>
    public sealed record Tensor(string Name, string Type, long[] Shape, byte[] Bytes);

    /// <summary>A folder whose five matrices [outputs, inputs] are all those of a layout.</summary>
    public static CheckpointFolder Llama(string layout, string quantization)
    {
        var folder = new CheckpointFolder();
        using var file = Reference();
        var (outputs, inputs) = ((int)file.Require(layout + ".values").Shape[0], (int)file.Require(layout + ".values").Shape[1]);
        folder.Config = new JsonObject
        {
            ["model_type"] = "llama", ["hidden_size"] = inputs, ["intermediate_size"] = outputs, ["num_hidden_layers"] = 1, ["num_attention_heads"] = outputs / 16,
            ["head_dim"] = 16, ["vocab_size"] = 48, ["max_position_embeddings"] = 64, ["rms_norm_eps"] = 1e-5, ["tie_word_embeddings"] = true,
            [layout.StartsWith("mlx", StringComparison.Ordinal) ? "quantization" : "quantization_config"] = JsonNode.Parse(quantization),
        };

        folder.AddFloats("model.embed_tokens.weight", 48, inputs);
        folder.AddFloats("model.norm.weight", inputs);
        folder.AddFloats("model.layers.0.input_layernorm.weight", inputs);
        folder.AddFloats("model.layers.0.post_attention_layernorm.weight", inputs);
        folder.AddFloats("model.layers.0.self_attn.o_proj.weight", inputs, outputs);
        folder.AddFloats("model.layers.0.mlp.down_proj.weight", inputs, outputs);
        foreach (var module in Quantized)
            folder.AddLayout(file, layout, $"model.layers.0.{module}.");
        return folder;
    }

    /// <summary>A folder of no known architecture with one tensor of a layout.</summary>
    public static CheckpointFolder Single(string layout, string quantization, string prefix)
    {
        var folder = new CheckpointFolder { Config = new JsonObject { ["model_type"] = "unheard_of", ["quantization_config"] = JsonNode.Parse(quantization) } };
        using var file = Reference();
        folder.AddLayout(file, layout, prefix);
        return folder;
    }

    public static SafetensorsFile Reference() => SafetensorsFile.Open(TestFiles.Data("checkpoint_layouts.safetensors"));

    /// <summary>Replaces a tensor.</summary>
    public void Change(string name, Func<Tensor, Tensor> change)
    {
        var index = Tensors.FindIndex(tensor => tensor.Name == name);
        Tensors[index] = change(Tensors[index]);
    }

    public HuggingFaceFolder Open()
    {
        File.WriteAllText(_folder["config.json"], Config.ToJsonString());
        using var stream = File.Create(_folder["model.safetensors"]);
        var offset = 0L;
        var header = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(Tensors.ToDictionary(tensor => tensor.Name, tensor => new
        {
            dtype = tensor.Type, shape = tensor.Shape, data_offsets = new[] { offset, offset += tensor.Bytes.Length },
        })));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in Tensors)
            stream.Write(tensor.Bytes);
        stream.Close();
        return HuggingFaceFolder.Open(_folder.Root);
    }

    public void Dispose() => _folder.Dispose();

    private void AddLayout(SafetensorsFile file, string layout, string prefix)
    {
        foreach (var tensor in file.Tensors.Where(tensor => tensor.Name.StartsWith(layout + ".", StringComparison.Ordinal) && !tensor.Name.EndsWith(".values", StringComparison.Ordinal)))
            Tensors.Add(new Tensor(prefix + tensor.Name[(layout.Length + 1)..], tensor.Type, [.. tensor.Shape], file.Bytes(tensor).ToArray()));
    }

    private void AddFloats(string name, params long[] shape)
    {
        var random = new Random(Tensors.Count);
        var values = new float[shape.Aggregate((a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        Tensors.Add(new Tensor(name, "F32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
    }
}
