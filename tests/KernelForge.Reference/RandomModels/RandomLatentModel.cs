using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>A MiniCPM3 of random weights in a GGUF file: attention over latents whose matrices are codes.</summary>
public static class RandomLatentModel
{
    /// <summary>Writes one into a directory and gives its path.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="types">Types of the matrices, one after another, again and again.</param>
    public static string Save(string directory, params WeightType[] types)
    {
        const int width = 64, heads = 3, plain = 20, rotated = 12, value = 32, rank = 32;
        var random = new Random(17);
        var matrices = 0;
        var writer = new GgufWriter().Add("general.architecture", "minicpm3").Add("general.name", "random");
        foreach (var (key, number) in new[]
        {
            ("block_count", 2), ("context_length", 160), ("embedding_length", width), ("feed_forward_length", 96), ("attention.head_count", heads), ("attention.head_count_kv", heads),
            ("attention.key_length", plain + rotated), ("attention.kv_lora_rank", rank), ("attention.q_lora_rank", 64), ("rope.dimension_count", rotated), ("vocab_size", 96),
        })
            writer.Add("minicpm3." + key, (uint)number);
        writer.Add("minicpm3.attention.layer_norm_rms_epsilon", 1e-5f);
        RandomVocabulary.AddTo(writer, 96);
        Matrix("token_embd", 96, width);
        Norm("output_norm", width);
        foreach (var prefix in new[] { "blk.0.", "blk.1." })
        {
            Norm(prefix + "attn_norm", width);
            Matrix(prefix + "attn_q_a", 64, width);
            Norm(prefix + "attn_q_a_norm", 64);
            Matrix(prefix + "attn_q_b", heads * (plain + rotated), 64);
            Matrix(prefix + "attn_kv_a_mqa", rank + rotated, width);
            Norm(prefix + "attn_kv_a_norm", rank);
            Matrix(prefix + "attn_kv_b", heads * (plain + value), rank);
            Matrix(prefix + "attn_output", width, heads * value);
            Norm(prefix + "ffn_norm", width);
            Matrix(prefix + "ffn_gate", 96, width);
            Matrix(prefix + "ffn_up", 96, width);
            Matrix(prefix + "ffn_down", width, 96);
        }

        var path = Path.Combine(directory, "random-latent.gguf");
        File.WriteAllBytes(path, writer.ToArray());
        return path;

        void Matrix(string name, int rows, int columns) => writer.Add(name + ".weight", RandomTensors.Matrix(random, types[matrices++ % types.Length], rows, columns), isVector: false);
        void Norm(string name, int length) => writer.Add(name + ".weight", RandomTensors.Vector(random, length, 1f, 0.2f), isVector: true);
    }
}
