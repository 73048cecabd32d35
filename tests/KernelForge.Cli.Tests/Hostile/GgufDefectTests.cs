using KernelForge.Fuzz.Mutation;
using KernelForge.Fuzz.Targets;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>Every defect of every key and tensor of a small model, one at a time: refused with words or accepted, within bounds, whatever it is.</summary>
[Collection("kforge")]
public sealed class GgufDefectTests : IDisposable
{
    private static readonly byte[] Sound = SmallModels.All[0];
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void A_sound_model_is_accepted() => Inspection.Of(_scratch.Write("model.gguf", Sound)).ShouldBe(new Inspection(null, null));

    [Fact]
    public void A_document_that_nothing_was_done_to_is_the_file_itself() => GgufDocument.Parse(Sound).ToArray().ShouldBe(Sound);

    [Theory]
    [InlineData("general.architecture")]
    [InlineData("llama.block_count")]
    [InlineData("llama.embedding_length")]
    [InlineData("llama.context_length")]
    [InlineData("llama.feed_forward_length")]
    [InlineData("llama.attention.head_count")]
    [InlineData("llama.attention.layer_norm_rms_epsilon")]
    [InlineData("tokenizer.ggml.tokens")]
    [InlineData("tokenizer.ggml.merges")]
    [InlineData("token_embd.weight")]
    [InlineData("blk.0.attn_q.weight")]
    [InlineData("output_norm.weight")]
    public void What_a_model_needs_may_not_be_missing(string name)
    {
        var document = GgufDocument.Parse(Sound);
        document.Keys.RemoveAll(key => key.ToString() == name);
        document.Tensors.RemoveAll(tensor => tensor.ToString() == name);
        Inspection.Of(_scratch.Write("model.gguf", document.ToArray())).Refusal.ShouldNotBeNull().ShouldContain(name);
    }

    [Theory]
    [InlineData("tokenizer.ggml.mask_token_id", 4u, "token id 255")]
    [InlineData("tokenizer.ggml.fim_pre_token_id", 7u, "a token id is expected")]
    [InlineData("tokenizer.ggml.add_space_prefix", 4u, "true or false is expected")]
    [InlineData("llama.rope.freq_base", 9u, "a list of 0 elements")]
    public void A_key_of_a_known_kind_is_checked_even_where_nothing_uses_it(string key, uint type, string problem)
    {
        var document = GgufDocument.Parse(Sound);
        document.Keys.RemoveAll(old => old.ToString() == key);
        document.Keys.Add(new GgufKey(System.Text.Encoding.UTF8.GetBytes(key), type, type switch { 4 => [255, 0, 0, 0], 7 => [1], _ => [8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }));
        Inspection.Of(_scratch.Write("model.gguf", document.ToArray())).Refusal.ShouldNotBeNull().ShouldContain(problem);
    }

    [Fact]
    public void A_layer_beyond_the_count_is_no_extra_tensor()
    {
        var document = GgufDocument.Parse(Sound);
        document.Tensors.Add(new GgufInfo([.. "blk.1.extra.weight"u8], [32], 0, (ulong)document.Data.Length));
        document.Data = [.. document.Data, .. new byte[128]];
        Inspection.Of(_scratch.Write("model.gguf", document.ToArray())).Refusal.ShouldNotBeNull().ShouldContain("block_count");
    }

    [Fact]
    public void One_tensor_less_in_the_count_is_noticed()
    {
        var document = GgufDocument.Parse(Sound);
        document.TensorCount = (ulong)document.Tensors.Count - 1;
        Inspection.Of(_scratch.Write("model.gguf", document.ToArray())).Refusal.ShouldNotBeNull();
    }

    [Fact]
    public void A_file_may_not_end_at_any_byte_of_its_header_or_in_its_data()
    {
        var header = Sound.Length - GgufDocument.Parse(Sound).Data.Length;
        var accepted = Enumerable.Range(0, header + 40).Append(Sound.Length - 1)
            .Where(length => Check($"cut to {length}", Sound[..length]).Refusal is null);
        accepted.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Category", "Long")]
    public void Every_fourth_defect_is_refused_or_harmless() => Refused(i => i % 4 == 1).ShouldBeGreaterThan(700);

    [Fact]
    public void Every_thirtieth_defect_is_refused_or_harmless() => Refused(i => i % 30 == 0).ShouldBeGreaterThan(100);

    public void Dispose() => _scratch.Dispose();

    private int Refused(Func<int, bool> which)
    {
        var refused = 0;
        foreach (var defect in GgufDefects.All(GgufDocument.Parse(Sound)).Where((_, i) => which(i)))
        {
            var document = GgufDocument.Parse(Sound);
            defect.Apply(document);
            if (Check(defect.What, document.ToArray()).Refusal is not null)
                refused++;
        }

        return refused;
    }

    private Inspection Check(string what, byte[] file)
    {
        var inspection = Inspection.Of(_scratch.Write("model.gguf", file));
        inspection.Fault.ShouldBeNull(what);
        return inspection;
    }
}
