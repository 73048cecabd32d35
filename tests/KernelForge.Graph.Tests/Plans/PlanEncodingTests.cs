using KernelForge.Compilation;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Graph.Tests.Plans;

public sealed class PlanEncodingTests
{
    private static readonly Step[] Extra =
    [
        new LookupStep("Type", LookupKey.TokenType, 1, 2), new AddStep("Add", 1, 2, 3, 4), new HeadNormStep("HeadNorm", NormKind.Layer, 1, 2, 3, 4, 5, 6), new RouteStep("Route", 1, 2, 3, new Routing(2, RoutingScore.SparseMixer, Margin: 0.02f)),
        new GatherStep("Gather", 1, 2, 3), new ExpertMatMulStep("Experts", 1, 2, 3, 4, Epilogue.Gate, 5, 6, Clamp: new ClampedUnit(1.702f, 7)),
        new CombineStep("Combine", 1, 2, 3), new RowGateStep("Gate", 1, 2, 3), new ConvolutionStep("Convolution", 1, 2, 3, 4, 5, 6, 7), new HeadMatMulStep("Heads", 1, 2, 3, 4, 5),
        new LatentCacheStep("LatentCache", 1, 2, 3, 4, 5, 6), new LatentAttentionStep("Latents", 1, 2, 3, 4, 5), new OutputStep("Output", 1, 2), new InputStep("Input", 1), new ProbeStep("Probe", 1, 2),
        new WindowStep("Window", 1, 3, 2, 4),
    ];

    private static readonly Plan Sample = WithEverything(PlanCompiler.Compile(new LlamaManifest { Biases = true }.Build(), new()).Plan!);

    [Fact]
    public void What_is_encoded_is_decoded() => PlanEncoding.Decode(PlanEncoding.Encode(Sample)).ShouldBe(Sample);

    [Fact]
    public void Every_input_is_encoded()
    {
        GraphInput[] all = [new GraphInput.Tokens("ids", 7), new GraphInput.Rows("states", 2, 3), new GraphInput.Bands("features", 4, 5), new GraphInput.Patches("pixels", 3, 4, 5)];
        typeof(GraphInput).GetNestedTypes().ShouldBe(all.Select(input => input.GetType()), ignoreOrder: true);
        foreach (var input in all)
            PlanEncoding.Decode(PlanEncoding.Encode(Sample with { Input = input })).Input.ShouldBe(input);
    }

    [Fact]
    public void Every_rotary_scaling_is_encoded()
    {
        RotaryScaling[] all =
        [
            new RotaryScaling.Default(),
            new RotaryScaling.Linear(0.1),
            new RotaryScaling.Dynamic(2, 128),
            new RotaryScaling.Yarn(4, 64, 1.1386294361119891, 32, 1, Truncate: true),
            new RotaryScaling.Llama3(8, 1, 4, 8192),
            new RotaryScaling.PerPair(EquatableArray.Create(1.0, 1.5), EquatableArray.Create(2.0, double.Epsilon), null, "long", 64, 1.19),
        ];
        typeof(RotaryScaling).GetNestedTypes().ShouldBe(all.Select(scaling => scaling.GetType()), ignoreOrder: true);
        var plan = Sample with { Rotaries = all.Select(scaling => new RotaryTable(8, 10_000.5, scaling)).ToEquatableArray() };
        PlanEncoding.Decode(PlanEncoding.Encode(plan)).ShouldBe(plan);
    }

    /// <summary>Packed files carry it: another encoding of the same plan needs another version.</summary>
    [Fact]
    public void The_hash_never_changes_by_itself() =>
        Convert.ToHexStringLower(PlanEncoding.Hash(Sample with { Kinds = default, Blocks = default, Buffers = default, Calls = default }))
            .ShouldBe("fe0710c80b25dc97f98b81e59664572e7a44a499ab5378fbd6d61d2a34da48b2");

    /// <summary>Also where a value is replaced by one that prints alike, a changed plan has another hash.</summary>
    [Fact]
    public void Every_change_of_any_field_changes_the_hash()
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (what, changed) in Mutations.Of(Sample))
        {
            changed.ShouldNotBe(Sample, what);
            var hash = Convert.ToHexString(PlanEncoding.Hash((Plan)changed));
            hashes.TryAdd(hash, what).ShouldBeTrue($"{what} has the hash of {hashes.GetValueOrDefault(hash)}");
        }

        hashes.ShouldNotContainKey(Convert.ToHexString(PlanEncoding.Hash(Sample)));
        hashes.Count.ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Cut_bytes_are_refused()
    {
        var bytes = PlanEncoding.Encode(Sample);
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<FormatException>(() => PlanEncoding.Decode(bytes[..length]));
        Should.Throw<FormatException>(() => PlanEncoding.Decode([.. bytes, 0])).Message.ShouldContain("more bytes");
    }

    [Fact]
    public void A_changed_byte_gives_another_plan_or_a_clean_error()
    {
        var bytes = PlanEncoding.Encode(Sample);
        var random = new Random(5);
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= (byte)random.Next(1, 256);
            try
            {
                PlanEncoding.Decode(damaged).ShouldNotBe(Sample, $"byte {i}");
            }
            catch (FormatException error)
            {
                error.Message.ShouldNotBeEmpty();
            }
        }
    }

    [Fact]
    public void Another_version_says_so()
    {
        var bytes = PlanEncoding.Encode(Sample);
        bytes[7].ShouldBe((byte)22, "the version, in zigzag form");
        bytes[7] = 24;
        Should.Throw<FormatException>(() => PlanEncoding.Decode(bytes)).Message.ShouldContain("version 12");
    }

    /// <summary>What a llama's plan lacks: a view of a tensor, numbers by distance, norms of heads, positions, a sum of its own, a temperature, experts.</summary>
    private static Plan WithEverything(Plan plan) => plan with
    {
        Outputs = EquatableArray.Create(new PlanOutput("states", 3, IsPooled: false)),
        Input = new GraphInput.Bands("features", 4, 5),
        Kept = new CacheShape(2, 3, 4, CacheFormat.F16),
        Parts = EquatableArray.Create(new PlanPart(
            "encoder", new GraphInput.Tokens("ids", 9), 3, 4, new CacheShape(1, 2, 3, CacheFormat.F32), plan.Buffers.Take(1).ToEquatableArray(), plan.Kinds.Take(1).ToEquatableArray(),
            plan.Calls.Take(1).ToEquatableArray(), EquatableArray.Create(new PlanOutput("states", 5, IsPooled: true)))),
        Blocks = plan.Blocks.Select(block => block with
        {
            Tensors = block.Tensors.Select(tensor => tensor with
            {
                Parts = tensor.Parts.Select(part => part with
                {
                    View = new TensorView(1, 2, 3, 4, 5),
                    Offset = 1,
                    Factor = 2,
                    Distances = new DistanceRows(new DistanceBuckets(6, 7, IsBidirectional: true), 8),
                }).ToEquatableArray(),
            }).ToEquatableArray(),
        }).ToEquatableArray(),
        Kinds = plan.Kinds.Select((kind, i) => kind with
        {
            Steps = ((Step[])
            [
                .. kind.Steps.Select(step => step switch
                {
                    CacheStep cache => cache with { Norms = new CacheNorms(NormKind.Layer, 1, false, true, 1, 2, 3, 4) },
                    AttentionStep attention => attention with { Temperature = new QueryTemperature(0.1, 8192), Ahead = 7 },
                    _ => step,
                }),
                .. i > 0 ? [] : Extra,
            ]).ToEquatableArray(),
        }).ToEquatableArray(),
    };
}
