using FsCheck;
using FsCheck.Fluent;
using KernelForge.Compilation;
using KernelForge.Passes;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

public sealed class RandomPlanTests
{
    private static readonly WeightType[] Types = Enum.GetValues<WeightType>();

    [Fact]
    public void Any_small_model_has_a_verified_plan_whose_live_buffers_do_not_overlap() =>
        Property.Holds(Models(), model =>
        {
            var (manifest, options) = model;
            var plan = PlanCompiler.Compile(manifest.Build(), options).Plan.ShouldNotBeNull();
            PlanVerifier.Problems(plan, PlanStage.Finished).ShouldBeEmpty();
            LiveBuffers.Overlaps(plan).ShouldBeEmpty();
            PlanEncoding.Decode(PlanEncoding.Encode(plan)).ShouldBe(plan);
        });

    private static Gen<(LlamaManifest Model, PlanOptions Options)> Models() =>
        from keyValueHeads in Gen.Choose(1, 4)
        from share in Gen.Choose(1, 3)
        from headSize in Gen.Elements(2, 16, 20, 32, 64)
        from blocks in Gen.Choose(1, 5)
        from hidden in Gen.Choose(1, 6)
        from layers in Gen.Choose(1, 4)
        from vocabulary in Gen.Choose(1, 300)
        from odd in Gen.Elements(true, false)
        from types in Gen.Elements(Types).ListOf(4)
        from tied in Gen.Elements(true, false)
        from biases in Gen.Elements(true, false)
        from activations in Gen.Elements(ActivationMode.Int12, ActivationMode.Int8, ActivationMode.Float)
        select (
            Shape(new LlamaManifest
            {
                KeyValueHeads = keyValueHeads, Heads = keyValueHeads * share, HeadSize = headSize, Width = blocks * 32, Hidden = hidden * 32, Layers = layers,
                Vocabulary = vocabulary, Tied = tied, Biases = biases, Matrices = types[0], Table = types[1], Keys = types[2], Ups = types[3],
            }, odd),
            new PlanOptions(activations));

    /// <summary>Quantized rows are whole blocks; float ones may have any length.</summary>
    private static LlamaManifest Shape(LlamaManifest model, bool odd)
    {
        bool Float(WeightType? type) => !PackedLayouts.IsInteger(PackedLayouts.Of(type!.Value));
        if (!Float(model.Matrices))
            model = model with { HeadSize = 32 * ((model.HeadSize + 31) / 32) };
        return odd && Float(model.Matrices) && Float(model.Table) && Float(model.Keys) && Float(model.Ups)
            ? model with { Width = model.Width - 7, Hidden = model.Hidden - 5 }
            : model;
    }
}
