using System.Runtime.InteropServices;
using KernelForge.Formats.Description;
using KernelForge.Formats.Packing;
using KernelForge.Generator;
using KernelForge.Plans;
using KernelForge.Reference.Contract;
using KernelForge.Reference.Weights;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A model file taken the whole way: described, planned, generated, compiled, packed; beside it the contract interpreter of the same plan.</summary>
internal sealed class CompiledModel : IDisposable
{
    private static int _count;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-end-to-end-");
    private readonly ModelSource _source;

    /// <summary>Compiles a model file.</summary>
    /// <param name="path">A GGUF file or a folder.</param>
    /// <param name="activations">Numbers that meet quantized weights.</param>
    /// <param name="instructionSets">For which code is generated; none: for all.</param>
    public CompiledModel(string path, ActivationMode activations = ActivationMode.Int12, params string[] instructionSets)
        : this(path, activations, allowNonFinite: false, instructionSets)
    {
    }

    /// <summary>The same, of weights that may be no numbers.</summary>
    public CompiledModel(string path, ActivationMode activations, bool allowNonFinite, params string[] instructionSets)
    {
        var name = $"Model{Interlocked.Increment(ref _count)}";
        ClassName = "KernelForge.Generated." + name;
        AssemblyPath = Path.Combine(_directory.FullName, name + ".dll");
        WeightsPath = Path.Combine(_directory.FullName, name + ".kfw");
        var compilation = ModelCompiler.Compile(
            Describer.Describe(path),
            new ModelCompilerOptions(ClassName, activations, SourcePath: path, InstructionSets: instructionSets.ToEquatableArray()));
        Plan = compilation.Plan ?? throw new InvalidOperationException(string.Join(Environment.NewLine, compilation.Problems));
        GeneratedAssembly.Emit(AssemblyPath, compilation.Sources);
        Packer.Pack(Plan, path, WeightsPath, allowNonFinite: allowNonFinite);
        _source = ModelSource.Open(path);
        Contract = new ContractInterpreter(Plan, _source.Tensor);
    }

    /// <summary>The plan.</summary>
    public Plan Plan { get; }

    /// <summary>Full name of the generated class.</summary>
    public string ClassName { get; }

    /// <summary>The compiled assembly.</summary>
    public string AssemblyPath { get; }

    /// <summary>The packed file.</summary>
    public string WeightsPath { get; }

    /// <summary>The oracle.</summary>
    public ContractInterpreter Contract { get; }

    /// <summary>Loads the generated class of a decoder.</summary>
    public LanguageModel Load(KeyValueFormat? cache = null, int threads = 1, int chunk = 256) => Load<LanguageModel>(cache, threads, chunk);

    /// <summary>Loads the generated class.</summary>
    public TModel Load<TModel>(KeyValueFormat? cache, int threads, int chunk)
        where TModel : KernelForge.CompiledModel =>
        GeneratedAssembly.Load<TModel>(AssemblyPath, ClassName, new ModelOptions { WeightsPath = WeightsPath, Threads = threads, Cache = cache, PrefillChunk = chunk });

    /// <summary>The contract's logits after each of the tokens of a new sequence.</summary>
    public float[][] Expected(int[] tokens, KeyValueFormat cache = KeyValueFormat.F16) =>
        Contract.Forward([new ReferenceRows(Contract.NewSequence((CacheFormat)cache), tokens)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _directory.Delete(recursive: true);
    }
}

/// <summary>Runs sessions the way the tests compare them: rows of logits.</summary>
internal static class SessionRuns
{
    /// <summary>Logits after each token, the tokens fed in pieces of a length.</summary>
    public static float[][] Score(LanguageModel model, int[] tokens, int piece = int.MaxValue)
    {
        using var session = model.CreateSession();
        var rows = new List<float[]>();
        foreach (var part in tokens.Chunk(Math.Min(piece, tokens.Length)))
        {
            var logits = new float[part.Length * model.Vocabulary];
            session.Score(part, logits);
            rows.AddRange(logits.Chunk(model.Vocabulary));
        }

        return [.. rows];
    }

    /// <summary>Rows out of bytes.</summary>
    public static float[][] Rows(ReadOnlySpan<byte> bytes, int vocabulary) => [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Chunk(vocabulary)];
}
