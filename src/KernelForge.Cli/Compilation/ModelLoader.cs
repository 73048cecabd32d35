using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using KernelForge.Cli.Commands;
using KernelForge.Cli.Inspection;
using KernelForge.Cli.Output;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.IO;
using KernelForge.Formats.Packing;
using KernelForge.Generator;
using KernelForge.Graphs;
using KernelForge.Runtime;

namespace KernelForge.Cli.Compilation;

/// <summary>Makes a running model of a model file: describe, plan, generate, compile, pack, load; what was done before is taken from the cache.</summary>
internal static class ModelLoader
{
    private const string ClassName = "KernelForge.Compiled.Model";

    /// <summary>Loads a model that writes.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model cannot be compiled, or is an encoder.</exception>
    public static LanguageModel Load(ModelRequest request, CancellationToken cancellation = default) => LoadDecoder(request, ModelPlanner.Plan(request), cancellation);

    /// <summary>Loads a planned model that writes.</summary>
    /// <param name="request">What the user asks for.</param>
    /// <param name="planned">The plan.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="hasInput">Whether the caller gives it what it reads before it writes.</param>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model cannot be compiled, or is an encoder.</exception>
    public static LanguageModel LoadDecoder(ModelRequest request, PlannedModel planned, CancellationToken cancellation, bool hasInput = false) => planned.Plan.NeedsInput && !hasInput
        ? throw new UserException($"{request.Path}: {planned.Plan.Architecture} reads {planned.Plan.Parts[0].Input.Name} before it writes, which this command does not give it. Use kforge generate or kforge logits.")
        : planned.Plan.IsEncoder
        ? throw new UserException($"{request.Path}: {planned.Plan.Architecture} is an encoder, which writes no text. {(planned.Plan.Input is GraphInput.Tokens ? "Turn texts into vectors with kforge embed; kforge logits gives the states of its tokens." : "kforge logits gives the states of its images.")}")
        : (LanguageModel)Load(request, planned, cancellation);

    /// <summary>Loads a model that turns texts into vectors.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UserException">The model cannot be compiled, or is no encoder.</exception>
    public static EmbeddingModel LoadEncoder(ModelRequest request, CancellationToken cancellation = default)
    {
        var planned = ModelPlanner.Plan(request);
        if (planned.Plan is { IsEncoder: true, Input: not GraphInput.Tokens })
            throw new UserException($"{request.Path}: {planned.Plan.Architecture} reads images and no texts. kforge logits --pixels gives their states.");
        return planned.Plan.IsEncoder
            ? (EmbeddingModel)Load(request, planned, cancellation)
            : throw new UserException($"{request.Path}: {planned.Plan.Architecture} is a decoder, which gives no vectors of texts. Use an encoder such as bert, or kforge run, generate or logits.");
    }

    /// <summary>Loads a model of either kind.</summary>
    public static CompiledModel Load(ModelRequest request, PlannedModel planned, CancellationToken cancellation)
    {
        var folder = CompilerCache.Folder(planned.Hash);
        var assemblyPath = Compile(request, planned, folder);
        var weights = Path.Combine(folder, $"{ClassName}.kfw");
        var progress = new StatusLine($"packing {planned.Manifest.Source.FileName}");
        var conversions = new List<TypeConversion>();
        Packer.Pack(planned.Plan, request.Path, weights, progress, cancellation, conversions.Add);
        progress.Clear();
        ConversionReport.Warn(conversions);

        var options = request.Safety with
        {
            WeightsPath = weights,
            Threads = request.Threads,
            PinThreads = request.PinsThreads,
            Context = request.Context,
            Cache = planned.Plan.IsEncoder ? null : request.Cache,
            UseMachineCode = request.UseMachineCode,
            CountExperts = request.CountsExperts,
        };
        var type = new AssemblyLoadContext(planned.Hash).LoadFromAssemblyPath(Path.GetFullPath(assemblyPath)).GetType(ClassName, throwOnError: true)!;
        var load = type.GetMethod("Load", BindingFlags.Public | BindingFlags.Static)!;
        return (CompiledModel)load.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [options], null)!;
    }

    private static string Compile(ModelRequest request, PlannedModel planned, string folder)
    {
        var kind = InstructionSets.Selected;
        var name = $"KernelForge.Compiled.{kind}{(request.Timed ? ".Timed" : string.Empty)}";
        var path = Path.Combine(folder, $"{name}.dll");
        if (File.Exists(path))
            return path;

        var start = Stopwatch.GetTimestamp();
        var status = new StatusLine($"compiling {planned.Manifest.Source.FileName} for {kind}");
        status.Report(0);
        var compilation = Generate(request, planned, [kind.ToString()]);
        var image = InMemoryCompiler.Compile(name, compilation.Sources);
        OutputFile.Write(path, image);
        status.Clear();
        Console.Error.WriteLine($"compiled {planned.Manifest.Source.FileName} for {kind} in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        return path;
    }

    /// <summary>The generated C#.</summary>
    /// <exception cref="UserException">The model cannot be compiled.</exception>
    public static ModelCompilation Generate(ModelRequest request, PlannedModel planned, IEnumerable<string> instructionSets, string className = ClassName)
    {
        var options = new ModelCompilerOptions(
            className, request.Activations, SourcePath: Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Path))), InstructionSets: instructionSets.ToEquatableArray(), Timed: request.Timed);
        var compilation = ModelCompiler.Compile(planned.Manifest, options);
        if (compilation.Plan is null)
            throw new UserException($"{request.Path}: {ModelPlanner.Text(compilation.Problems)}");

        // A chat template that cannot be compiled hinders chatting only; `kforge inspect` makes it an error.
        foreach (var problem in compilation.Problems.Where(problem => !planned.Result.Problems.Contains(problem)))
            Console.Error.WriteLine($"warning: {ModelPlanner.Text([problem])}");
        return compilation;
    }
}
