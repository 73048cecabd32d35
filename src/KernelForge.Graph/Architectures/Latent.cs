namespace KernelForge.Architectures;

/// <summary>Sizes of a decoder's multi-head latent attention.</summary>
/// <param name="QueryRank">Values of the queries' latent; 0: queries are made from the stream.</param>
/// <param name="Rank">Values of the latent of keys and values.</param>
/// <param name="Plain">Values of a query and a key head that are not rotated.</param>
/// <param name="Rotated">Values that are.</param>
/// <param name="Value">Values of a value head.</param>
/// <param name="Amplitude">Factor of the scores beside 1 / sqrt(plain + rotated).</param>
internal sealed record Latent(int QueryRank, int Rank, int Plain, int Rotated, int Value, double Amplitude)
{
    private const int Most = 1024;

    /// <summary>Reads the sizes of a model.</summary>
    public static Latent Read(ModelReader model)
    {
        var queryRank = model.Integer(new Key("attention.q_lora_rank", "q_lora_rank"), 0, 1 << 18, 0);
        var rank = model.Integer(new Key("attention.kv_lora_rank", "kv_lora_rank"), 1, 1 << 18);
        var heads = DecoderConfig.HeadCount(model);
        var (plain, rotated, value) = model.IsFolder ? Folder(model, heads) : Gguf(model, heads, rank);
        if (rotated % 2 != 0)
            model.Error(ProblemCodes.HyperparameterRange, $"{rotated} values of a head are rotated; rotary pairs need an even number. Convert the model again.", model.Name(RotatedKey));
        return new Latent(queryRank, rank, plain, rotated, value, RotaryReader.ScoreAmplitude(model, RotaryKeys.Single));
    }

    private static readonly Key RotatedKey = new("rope.dimension_count", "qk_rope_head_dim");

    private static (int Plain, int Rotated, int Value) Folder(ModelReader model, int heads)
    {
        var plain = model.Integer(new Key(null, "qk_nope_head_dim"), 1, Most);
        var rotated = model.Integer(RotatedKey, 2, Most);
        var value = model.Integer(new Key(null, "v_head_dim"), 1, Most, Math.Max(1, DecoderConfig.WidthOf(model) / heads));
        model.Repeats(DecoderConfig.KeyValueHeadsKey, heads);
        model.Repeats(DecoderConfig.HeadSizeKey, rotated);
        model.Repeats(new Key(null, "qk_head_dim"), plain + rotated);
        return (plain, rotated, value);
    }

    private static (int Plain, int Rotated, int Value) Gguf(ModelReader model, int heads, int rank)
    {
        // Newer files say with key_length what a cache of latents holds.
        var keyKey = model.Has(new Key("attention.key_length_mla")) ? new Key("attention.key_length_mla") : new Key("attention.key_length");
        var valueKey = model.Has(new Key("attention.value_length_mla")) ? new Key("attention.value_length_mla") : new Key("attention.value_length");
        var rotated = model.Integer(RotatedKey, 2, Most);
        var key = model.Integer(keyKey, 3, 2 * Most);
        if (rotated >= key)
        {
            model.Error(
                ProblemCodes.HyperparameterContradiction,
                $"{model.Name(RotatedKey)} ({rotated}) leaves nothing of {model.Name(keyKey)} ({key}) that is not rotated. Convert the model again.", model.Name(RotatedKey));
            return (1, 2, 1);
        }

        // MiniCPM3's files leave the values' size to the matrix.
        var rows = model.RowsOf("blk.0.attn_kv_b.weight") / heads;
        var left = rows > key - rotated && rows - key + rotated <= Most ? (int)rows - key + rotated : (int?)null;
        return (key - rotated, rotated, model.Integer(valueKey, 1, Most, left));
    }
}
