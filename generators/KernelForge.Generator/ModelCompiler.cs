using KernelForge.Compilation;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Generator.Emission;
using KernelForge.Generator.Specialization;
using KernelForge.Language;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Generator;

/// <summary>The whole way from a manifest to C#: graph, plan, sources. The generator calls it in the C# compiler, <c>kforge</c> in memory.</summary>
public static class ModelCompiler
{
    private const string TemplateKey = "tokenizer.chat_template";

    /// <summary>Compiles one model. Never throws for what a person can mend: that comes back as problems.</summary>
    public static ModelCompilation Compile(Manifest manifest, ModelCompilerOptions options)
    {
        if (ClassName.Parse(options.ClassName) is not { } name)
            return new(null, default, EquatableArray.Create(ClassNameProblem(options.ClassName)));
        var planned = Plan(manifest, name, options);
        var sources = EmitKernels(planned).Prepend(EmitMain(planned, options.HasUserPart));
        return new(planned.Plan, sources.ToEquatableArray(), planned.Problems);
    }

    /// <summary>The first half: what is computed, and whether it can be.</summary>
    /// <param name="manifest">The model, or the one that has the weights.</param>
    /// <param name="name">The class to generate.</param>
    /// <param name="options">What a person chose.</param>
    /// <param name="declaration">The graph that the class declares; null: that of the model's architecture.</param>
    /// <param name="cancellation">Looked at between two passes.</param>
    /// <exception cref="OperationCanceledException">The compiler needs the plan no longer.</exception>
    internal static PlannedModel Plan(
        Manifest manifest, ClassName name, ModelCompilerOptions options, GraphDeclaration? declaration = null, CancellationToken cancellation = default)
    {
        TemplateLibrary.Prepare();
        var problems = new List<ModelProblem>();
        var kinds = InstructionSetChoice.Parse(options.InstructionSets, problems);
        var planOptions = new PlanOptions(options.Activations, options.Cache, options.Context ?? 0);
        var result = declaration is null ? PlanCompiler.Compile(manifest, planOptions, observe: null, cancellation) : PlanCompiler.Compile(declaration, manifest, planOptions, cancellation);
        if (declaration is null)
            problems.AddRange(result.Problems);
        var template = CompileTemplate(manifest, problems);
        var hash = result.Plan is null ? string.Empty : Hexadecimal(PlanEncoding.Hash(result.Plan));
        var planned = new PlannedModel(name, result.Plan, hash, options.SourcePath, template, kinds.ToEquatableArray(), problems.ToEquatableArray(), options.Timed) { Vector = result.Graph?.Vector };
        return declaration is null ? planned : planned with
        {
            IsEncoder = declaration.IsEncoder,
            PartProblems = result.Problems.Select((problem, index) => new PartProblem(problem, index < result.ProblemParts.Count ? result.ProblemParts[index] : -1)).ToEquatableArray(),
        };
    }

    /// <summary>The class that users see; a skeleton where there is no plan.</summary>
    internal static GeneratedSource EmitMain(PlannedModel model, bool hasUserPart) => model.Plan is null
        ? MainClass.EmitSkeleton(model.Name, hasUserPart, model.IsEncoder)
        : MainClass.Emit(model.Plan, model.PlanHash, model.Name, hasUserPart, model.InstructionSets, model.Vector);

    /// <summary>Everything else: plan, chat template, and one file for each instruction set.</summary>
    /// <exception cref="OperationCanceledException">The compiler needs them no longer.</exception>
    internal static IEnumerable<GeneratedSource> EmitKernels(PlannedModel model, CancellationToken cancellation = default)
    {
        if (model.Plan is not { } plan)
            return [];
        var files = new List<Func<GeneratedSource>> { () => PlanFile.Emit(plan, model.PlanHash, model.Name, model.SourcePath) };
        if (model.ChatTemplate is not null && !plan.IsEncoder)
            files.Add(() => ChatTemplateFile.Emit(model.ChatTemplate, model.Name));
        if (MachineCodeFile.Exists(plan))
            files.Add(() => MachineCodeFile.Emit(plan, model.Name));
        files.AddRange(model.InstructionSets.Select<SimdKind, Func<GeneratedSource>>(kind => () => KernelClass.Emit(plan, model.Name, kind, model.Timed, cancellation)));

        // Tasks, since PLINQ would give one core the first half of a list and the other the rest, however long each takes.
        var tasks = files.ConvertAll(file => Task.Run(file, cancellation));
        return Task.WhenAll(tasks).GetAwaiter().GetResult();
    }

    internal static ModelProblem ClassNameProblem(string name) => new(
        GeneratorCodes.ClassNameInvalid,
        name.Length == 0
            ? "A KernelForgeModel item says no Class. Write the full name of the class to generate, for example Class=\"Acme.SmolLM2\"."
            : $"\"{name}\" is no name of a C# class. Write identifiers with dots between, for example Class=\"Acme.SmolLM2\".");

    private static string? CompileTemplate(Manifest manifest, List<ModelProblem> problems)
    {
        if (manifest.Find(TemplateKey) is not { Type: MetadataType.String } entry)
            return null;
        var result = ChatTemplateCompiler.Compile(entry.Text);
        foreach (var problem in result.Problems)
        {
            problems.Add(new(
                GeneratorCodes.TemplateUnsupported,
                $"Chat template of {manifest.Source.FileName}, line {problem.Line}, column {problem.Column}: {problem.Message}",
                TemplateKey));
        }

        return result.Source;
    }

    private static string Hexadecimal(byte[] bytes) =>
        string.Concat(bytes.Select(value => value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
}
