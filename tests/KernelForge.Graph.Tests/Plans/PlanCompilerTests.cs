using KernelForge.Compilation;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

public sealed class PlanCompilerTests
{
    [Fact]
    public void SmolLM2_has_the_reviewed_plan() => Snapshot.Match("SmolLM2.plan.txt", PlanPrinter.Print(Compile(LlamaManifest.SmolLM2)));

    [Fact]
    public void SmolLM2_goes_through_the_reviewed_passes()
    {
        var text = new System.Text.StringBuilder();
        PlanCompiler.Compile(LlamaManifest.SmolLM2.Build(), new(), trace => text.Append($"== {trace.Pass}: {trace.Purpose}\n{trace.Text}\n"));
        Snapshot.Match("SmolLM2.passes.txt", text.ToString());
    }

    [Fact]
    public void Float_activations_need_no_quantization()
    {
        var plan = Compile(LlamaManifest.SmolLM2, new(ActivationMode.Float));
        plan.Buffers.ShouldAllBe(buffer => !buffer.IsQuantized);
        plan.Kinds.SelectMany(kind => kind.Steps).OfType<QuantizeStep>().ShouldBeEmpty();
    }

    [Fact]
    public void Float_weights_keep_float_activations() =>
        Compile(new LlamaManifest { Matrices = WeightType.BF16, Table = WeightType.F16 }).Buffers.ShouldAllBe(buffer => !buffer.IsQuantized);

    [Fact]
    public void An_untied_model_reads_its_table_first()
    {
        var plan = Compile(new LlamaManifest());
        plan.Blocks.Select(block => block.Name).ShouldBe(["Embedding", "Layer 0", "Layer 1", "Head"]);
        plan.Kinds[0].Steps.OfType<EmbedStep>().Single().Block.ShouldBe(0);
        plan.Calls.Select(call => call.Block).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void A_tied_table_is_stored_once()
    {
        var plan = Compile(new LlamaManifest { Tied = true });
        plan.Blocks.SelectMany(block => block.Tensors).SelectMany(tensor => tensor.Parts).Count(part => part.Tensor == "token_embd.weight").ShouldBe(1);
        plan.Calls.Select(call => call.Block).ShouldBe([2, 0, 1, 2]);
    }

    [Fact]
    public void Keys_of_another_type_stay_in_a_matrix_of_their_own_without_a_barrier_between()
    {
        var layer = Compile(new LlamaManifest { Keys = WeightType.F16, Heads = 8, HeadSize = 20 }).Kinds[1].Steps.ToList();
        var store = layer.OfType<MatMulStep>().Where(step => step.Epilogue == Epilogue.Store).ToList();
        store.Select(step => (step.Name, step.OutputColumn)).ShouldBe([("Query", 0), ("Key", 160), ("Value", 224)]);
        var first = layer.IndexOf(store[0]);
        layer.GetRange(first, 3).ShouldBe(store);
    }

    [Fact]
    public void Heads_that_are_no_whole_blocks_are_quantized_after_attention()
    {
        var steps = Compile(new LlamaManifest { HeadSize = 16 }).Kinds[1].Steps.ToList();
        var attention = steps.FindIndex(step => step is AttentionStep);
        steps[attention + 1].ShouldBeOfType<BarrierStep>();
        steps[attention + 2].ShouldBeOfType<QuantizeStep>();
    }

    [Fact]
    public void Biases_follow_their_rows()
    {
        var tensors = Compile(new LlamaManifest { Biases = true }).Blocks[1].Tensors;
        var bias = tensors.Single(tensor => tensor.Name == "QueryKeyValueBias");
        bias.Parts.Select(part => part.Tensor).ShouldBe(["blk.0.attn_q.bias", "blk.0.attn_k.bias", "blk.0.attn_v.bias"]);
        tensors.Single(tensor => tensor.Name == "GateUpBias").Interleaved.ShouldBeTrue();
    }

    [Fact]
    public void A_shorter_context_makes_shorter_tables() =>
        PlanCompiler.Compile(LlamaManifest.SmolLM2.Build(), new(Context: 1_024)).Plan!.Context.ShouldBe(1_024);

    [Fact]
    public void Offsets_beyond_four_gigabytes_are_right()
    {
        var plan = Compile(LlamaManifest.ThreeBillion with { Layers = 128, Matrices = WeightType.F32 });
        plan.Blocks[^1].Offset.ShouldBeGreaterThan(40L << 30);
    }

    private static Plan Compile(LlamaManifest model, PlanOptions? options = null)
    {
        var result = PlanCompiler.Compile(model.Build(), options ?? new PlanOptions());
        result.Problems.ShouldBeEmpty();
        PlanVerifier.Problems(result.Plan!, PlanStage.Finished).ShouldBeEmpty();
        return result.Plan!;
    }
}
