using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.RandomModels;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// Every instruction set gives the contract's logits bit for bit, for every cache, all kinds of activations, with machine code and without, one thread, two and three, alone and beside
/// other sessions, and however the tokens come: child processes with features switched off, which first assert that they are off.
/// </summary>
public sealed class InstructionSetTests(RandomModelsFixture models) : IClassFixture<RandomModelsFixture>
{
    public static TheoryData<SimdKind> Kinds => [.. Enum.GetValues<SimdKind>()];

    public static TheoryData<SimdKind, int, ActivationMode> MoreModels
    {
        get
        {
            var cases = new TheoryData<SimdKind, int, ActivationMode>();
            foreach (var kind in Enum.GetValues<SimdKind>())
            {
                // What may run on an emulated processor is small.
                if (kind == SimdKind.AdvSimd)
                    cases.Add(kind, RandomModelsFixture.Emulated, ActivationMode.Int12);
                cases.Add(kind, 101, ActivationMode.Int8);
                cases.Add(kind, 102, ActivationMode.Int12);
                cases.Add(kind, 103, ActivationMode.Float);
                cases.Add(kind, 104, ActivationMode.Int12);
            }
            return cases;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public Task GivesTheContractsLogits(SimdKind kind)
    {
        InstructionSetWorker.Require(kind);
        return Check(kind, RandomModelsFixture.Small, ActivationMode.Int12);
    }

    [SkippableTheory]
    [Trait("Category", "Long")]
    [MemberData(nameof(MoreModels))]
    public Task GivesTheContractsLogitsForMoreModels(SimdKind kind, int seed, ActivationMode activations)
    {
        if (seed == RandomModelsFixture.Emulated)
            InstructionSetWorker.RequireOrEmulate(kind);
        else
            InstructionSetWorker.Require(kind);
        return Check(kind, seed, activations);
    }

    /// <summary>One model whose tokens go different ways.</summary>
    [SkippableTheory]
    [Trait("Category", "Long")]
    [MemberData(nameof(Kinds))]
    public Task GivesTheContractsLogitsOfAMixtureOfExperts(SimdKind kind)
    {
        InstructionSetWorker.Require(kind);
        return Check(kind, RandomModelsFixture.Mixture, ActivationMode.Int12);
    }

    private async Task Check(SimdKind kind, int seed, ActivationMode activations)
    {
        var model = models.Get(seed, activations);
        var runs = Enum.GetValues<KeyValueFormat>().SelectMany(cache => Runs(kind, cache, model.Tokens.Length)).ToArray();

        var results = await InstructionSetWorker.RunAsync(model.Compiled, kind, model.Tokens, runs);

        foreach (var (run, actual) in runs.Zip(results))
            Comparison.FirstBitDifference(model.Expected(run.Cache)[..run.Tokens], actual).ShouldBeNull($"{kind}, seed {seed}, {activations}, {run}: {model.Shape}");
    }

    private static IEnumerable<SessionRun> Runs(SimdKind kind, KeyValueFormat cache, int tokens)
    {
        yield return new(cache, Threads: 1, Chunk: 256, tokens);

        // The C# kernels alone, where machine code serves in the other runs.
        yield return new(cache, Threads: 2, Chunk: 256, tokens) { UseMachineCode = false };

        // Calls of every small length, so that each remainder of the kernels' token tiles occurs; then the rest in chunks that do not divide it.
        int[] growing = [.. Enumerable.Range(1, 11)];
        yield return new(cache, Threads: 2, Chunk: 9, [.. growing, tokens - growing.Sum()]);
        yield return new(cache, Threads: 2, Chunk: 256, [.. Enumerable.Repeat(1, tokens)]);

        // Five rows a pass take an emulated processor too long.
        if (kind != SimdKind.AdvSimd)
            yield return new(cache, Threads: 3, Chunk: 256, 40) { Neighbours = 4 };
    }
}

/// <summary>The same for the embedded model, a few tokens long.</summary>
[Trait("Category", "Long")]
public sealed class SmolLM2InstructionSetTests(PortableSmolLM2Fixture fixture) : IClassFixture<PortableSmolLM2Fixture>
{
    public static TheoryData<SimdKind> Kinds => InstructionSetTests.Kinds;

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task GivesTheContractsLogits(SimdKind kind)
    {
        InstructionSetWorker.RequireOrEmulate(kind);
        var tokens = SmolLM2Fixture.Prompt[..6];
        SessionRun[] runs = [new(KeyValueFormat.F16, 1, 256, 6), new(KeyValueFormat.F16, 2, 256, 1, 2, 3), new(KeyValueFormat.F16, 2, 256, 1, 1, 1, 1, 1, 1), .. kind == SimdKind.AdvSimd ? Array.Empty<SessionRun>() : [new(KeyValueFormat.F16, 3, 4, 6) { Neighbours = 2 }]];

        foreach (var (run, actual) in runs.Zip(await InstructionSetWorker.RunAsync(fixture.Model, kind, tokens, runs)))
            Comparison.FirstBitDifference(fixture.Expected[..6], actual).ShouldBeNull($"{kind}, {run}");
    }
}

/// <summary>Random models compiled for all instruction sets that run here, each once for all of its tests.</summary>
public sealed class RandomModelsFixture : IDisposable
{
    /// <summary>Not a seed of shapes: the model below.</summary>
    public const int Small = 0;

    /// <summary>The seed of the models that also run on an emulated processor; more of them would take too long there.</summary>
    public const int Emulated = 100;

    /// <summary>Not a seed of shapes: a mixture of experts of the reference set.</summary>
    public const int Mixture = -1;

    // The embedded model's kind in small, with one weight type: compiling kernels of all types for all instruction sets takes long.
    private static readonly ModelShape SmallShape = new()
    {
        Vocabulary = 150, Width = 96, Hidden = 160, Layers = 2, Heads = 3, KeyValueHeads = 1, HeadSize = 32, RotaryDimension = 32, Context = 128, Window = 0,
        Scaling = RandomScaling.Default, Tied = true, AttentionBias = false, OtherBiases = false, Types = [WeightType.Q4_1],
    };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-sets-");
    private readonly Dictionary<(int Seed, ActivationMode Activations), Entry> _models = [];

    public void Dispose()
    {
        foreach (var model in _models.Values)
            model.Compiled.Dispose();
        _directory.Delete(recursive: true);
    }

    internal Entry Get(int seed, ActivationMode activations)
    {
        if (_models.TryGetValue((seed, activations), out var known))
            return known;
        if (seed == Mixture)
            return _models[(seed, activations)] = Mixed(activations);
        var random = seed == Small ? RandomModel.Create(1, SmallShape) : RandomModel.Create(seed);
        var kinds = seed == Emulated ? InstructionSetWorker.Here.Append(SimdKind.AdvSimd).Distinct() : InstructionSetWorker.Here;
        var compiled = new CompiledModel(random.Save(_directory.FullName, $"{seed}.gguf"), activations, [.. kinds.Select(kind => kind.ToString())]);
        return _models[(seed, activations)] = new Entry(compiled, random.Shape, random.Tokens(100));
    }

    private static Entry Mixed(ActivationMode activations)
    {
        var compiled = new CompiledModel(Repository.Golden("gguf/mixtral.gguf"), activations, [.. InstructionSetWorker.Here.Select(kind => kind.ToString())]);
        return new Entry(compiled, "mixtral", [.. Enumerable.Range(0, Math.Min(70, compiled.Plan.Context)).Select(i => i * 37 % compiled.Plan.Vocabulary)]);
    }

    /// <summary>A compiled model, a sequence for it, and what the contract says of that.</summary>
    internal sealed record Entry(CompiledModel Compiled, object Shape, int[] Tokens)
    {
        private readonly Dictionary<KeyValueFormat, float[][]> _expected = [];

        public float[][] Expected(KeyValueFormat cache) =>
            _expected.TryGetValue(cache, out var known) ? known : _expected[cache] = Compiled.Expected(Tokens, cache);
    }
}
