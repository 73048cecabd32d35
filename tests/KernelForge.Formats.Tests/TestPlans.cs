using KernelForge.Formats.Description;
using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;
using KernelForge.Reference.RandomModels;
using KernelForge.Reference.Weights;

namespace KernelForge.Formats.Tests;

/// <summary>Plans made by hand, with odd sizes, so that the packer is tested apart from the compiler.</summary>
internal static class TestPlans
{
    /// <summary>A plan that packs these tensors in one block each.</summary>
    public static Plan Of(SourceIdentity source, IEnumerable<PackedTensor> tensors, params RotaryTable[] rotaries)
    {
        var blocks = new List<WeightBlock>();
        foreach (var tensor in tensors)
        {
            var placed = tensor with { Offset = 64, Length = PackedLayouts.Length(tensor) };
            var offset = blocks.Count == 0 ? 0 : blocks[^1].Offset + blocks[^1].Length;
            blocks.Add(new WeightBlock($"Block {blocks.Count}", offset, PackedLayouts.Align(placed.Offset + placed.Length, 4096), EquatableArray.Create(placed)));
        }
        return new Plan(
            "llama", source, 64, 64, 128, ActivationMode.Int12, new CacheShape(1, 1, 8, CacheFormat.F16),
            rotaries.ToEquatableArray(), blocks.ToEquatableArray(), default, default, default);
    }

    /// <summary>A model file with these tensors, and its identity.</summary>
    public static SourceIdentity Save(string path, IEnumerable<(string Name, SourceTensor Tensor)> tensors)
    {
        var writer = new GgufWriter();
        Vocabulary(writer);
        foreach (var (name, tensor) in tensors)
            writer.Add(name, tensor, isVector: tensor.Rows == 1);
        File.WriteAllBytes(path, writer.ToArray());
        return Describer.Describe(path).Source;
    }

    /// <summary>Random blocks of any type with finite scales.</summary>
    public static SourceTensor Random(Random random, WeightType type, int rows, int columns)
    {
        var tensor = new SourceTensor(type, rows, columns, default);
        var bytes = new byte[rows * tensor.RowBytes];
        random.NextBytes(bytes);
        var decoder = Decoding.TensorDecoder.Find((int)type)!;

        // Bits of the exponents are cleared: no infinity, no NaN.
        for (var block = 0; block < bytes.Length; block += decoder.BlockBytes)
        {
            if (type == WeightType.F32)
                bytes[block + 3] &= 0xBF;
            else
                bytes[block + 1] &= 0xBF;
            if (type == WeightType.Q4_1)
                bytes[block + 3] &= 0xBF;
        }
        return tensor with { Bytes = bytes };
    }

    private static void Vocabulary(GgufWriter writer)
    {
        string[] tokens = ["<|begin|>", "<|end|>", .. "abcdefghijklmnopqrstuvwxyzĠĊ".Select(letter => letter.ToString()), "ab"];
        writer.Add("general.architecture", "llama").Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.pre", "gpt-2")
            .Add("tokenizer.ggml.tokens", tokens)
            .Add("tokenizer.ggml.token_type", tokens.Select((_, id) => id < 2 ? 3 : 1).ToArray())
            .Add("tokenizer.ggml.merges", new[] { "a b" })
            .Add("tokenizer.ggml.bos_token_id", 0u).Add("tokenizer.ggml.eos_token_id", 1u);
    }
}
