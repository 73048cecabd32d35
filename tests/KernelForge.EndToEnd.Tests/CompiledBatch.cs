using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Formats.Packing;
using KernelForge.Generator;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Emission;
using KernelForge.Generator.Specialization;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.Contract;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.RandomGraphs;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A batch of random graphs, compiled together: a class for each, and one with the kernels of all.</summary>
internal sealed class CompiledBatch : IDisposable
{
    private static readonly ClassName Shared = ClassName.Parse("KernelForge.Random.Kernels")!;
    private static int _count;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-graphs-");
    private readonly RandomBatch _batch;
    private readonly SimdKind _kind;
    private readonly List<Plan> _plans = [];
    private readonly string _assemblyPath;

    /// <summary>Compiles a batch for one of the instruction sets that run here.</summary>
    public CompiledBatch(RandomBatch batch)
    {
        _batch = batch;
        SimdKind[] kinds = [.. new[] { Selected, SimdKind.Avx2, SimdKind.Portable }.Where(kind => InstructionSetChoice.ServedBy(Selected, [kind]) == kind).Distinct()];
        _kind = kinds[batch.Seed % kinds.Length];
        _assemblyPath = Path.Combine(_directory.FullName, $"Graphs{Interlocked.Increment(ref _count)}.dll");
        var specializer = new Specializer(TemplateLibrary.Default, _kind);
        var sources = batch.Graphs.SelectMany(graph => Compile(graph, specializer)).ToList();
        sources.Add(MachineCodeFile.Emit(_plans, Shared));
        sources.Add(Kernels(specializer));
        sources.Add(new GeneratedSource("Usings.cs", $"global using static {Shared.FullName};"));
        GeneratedAssembly.Emit(_assemblyPath, sources);
    }

    private static SimdKind Selected => Enum.Parse<SimdKind>(Runtime.InstructionSets.Selected.ToString());

    /// <summary>Where generated code differs from the contract interpreter, in words that say how to see it again.</summary>
    public IEnumerable<string> Differences() =>
        from run in _batch.Graphs.Zip(_plans)
        from difference in Differences(run.First, run.Second)
        select $"{_batch}, {_kind}, graph {run.First.Seed}: {difference}";

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);

    private static ClassName NameOf(RandomGraph graph) => ClassName.Parse($"KernelForge.Random.Graph{graph.Seed}")!;

    private string WeightsPath(RandomGraph graph) => Path.Combine(_directory.FullName, $"{graph.Seed}.kfw");

    private IEnumerable<GeneratedSource> Compile(RandomGraph graph, Specializer specializer)
    {
        var path = graph.Save(_directory.FullName);
        using var model = ModelFile.Open(path);
        var plan = PlanCompiler.Compile(graph.Graph, new PlanOptions(_batch.Activations, _batch.Cache), model.Source);
        _plans.Add(plan);
        Packer.Pack(plan, path, WeightsPath(graph));
        return
        [
            MainClass.Emit(plan, Convert.ToHexStringLower(PlanEncoding.Hash(plan)), NameOf(graph), hasUserPart: false, [_kind]),
            KernelClass.Emit(plan, NameOf(graph), specializer, hasKernels: false),
        ];
    }

    private static GeneratedSource Kernels(Specializer specializer)
    {
        var writer = new SourceWriter();
        ClassFile.Open(writer, Shared, $"internal static unsafe partial class {Shared.Name}", summary: null, body => KernelClass.Kernels(body, specializer), isKernels: true);
        return new GeneratedSource("Kernels.cs", writer.ToString());
    }

    private IEnumerable<string> Differences(RandomGraph graph, Plan plan)
    {
        var random = new Random(graph.Seed);
        var tokens = graph.Tokens(random.Next(3) == 0 ? random.Next(66, 88) : random.Next(14, 40));
        var chosen = new List<(int Layer, int Expert)>();
        var contract = new ContractInterpreter(plan, graph.Tensor)
        {
            ObserveChoice = (layer, tokens) => chosen.AddRange(tokens.SelectMany(token => token).Select(choice => (layer, choice.Expert))),
        };
        var expected = contract.Forward(tokens);
        using (var one = Load(graph, threads: 1, chunk: 256))
        {
            if (Comparison.FirstBitDifference(expected, SessionRuns.Score(one, tokens)) is { } whole)
                yield return $"at once: {whole}";
            var counts = one.ExpertCounts();
            var wrong = counts.SelectMany((experts, layer) => experts.Select((count, expert) => (Is: count, Was: chosen.Count(choice => choice == (layer, expert))))).Any(count => count.Is != count.Was);
            if (wrong || counts.Sum(experts => experts.Sum()) != chosen.Count)
                yield return "experts are counted wrongly";
        }

        using var two = Load(graph, threads: 2, chunk: random.Next(3, 30));
        var piece = random.Next(2, 20);
        if (Comparison.FirstBitDifference(expected, SessionRuns.Score(two, tokens, piece)) is { } pieces)
            yield return $"in pieces of {piece} on 2 threads: {pieces}";
        if (Comparison.FirstBitDifference(expected[..12], SessionRuns.Score(two, tokens[..12], piece: 1)) is { } decoded)
            yield return $"token by token on 2 threads: {decoded}";
        using var session = two.CreateSession();
        var best = session.PrefillGreedy(tokens);
        if (best != ArgMax.Of(expected[^1]))
            yield return $"the best token is {ArgMax.Of(expected[^1])}, found was {best}";
    }

    private LanguageModel Load(RandomGraph graph, int threads, int chunk) =>
        GeneratedAssembly.Load<LanguageModel>(_assemblyPath, NameOf(graph).FullName, new ModelOptions { WeightsPath = WeightsPath(graph), Threads = threads, PrefillChunk = chunk, CountExperts = true });
}
