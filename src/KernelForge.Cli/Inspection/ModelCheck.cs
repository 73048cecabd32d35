using KernelForge.Cli.Commands;
using KernelForge.Cli.Compilation;
using KernelForge.Compilation;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Tokenizers;
using KernelForge.Graphs;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Cli.Inspection;

/// <summary>Every check that compiling, packing, loading and chatting would make, without doing any of it: container, hyper-parameters, tokenizer, chat template, weights.</summary>
internal static class ModelCheck
{
    /// <summary>Checks a GGUF file or a model folder.</summary>
    /// <param name="request">The model, and the options of its plan.</param>
    /// <param name="allowNonFinite">Whether weights may be infinite or not a number.</param>
    /// <param name="observe">Told of every compiler pass.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFormatException">The model is damaged.</exception>
    /// <exception cref="UserException">The model is of no known architecture, or is not sound.</exception>
    public static CheckedModel Check(ModelRequest request, bool allowNonFinite = false, Action<PassTrace>? observe = null, CancellationToken cancellation = default)
    {
        using var model = ModelFile.Open(request.Path, allowNonFinite);
        var manifest = model.Describe();
        var result = PlanCompiler.Compile(manifest, request.PlanOptions, observe);
        if (result.Graph is not { } graph)
            throw new UserException($"{request.Path}: {ModelPlanner.Text(result.Problems)}");
        if (model.Gguf is { } file)
            CheckFile(file, request, manifest, allowNonFinite, cancellation);
        else
            CheckFolder(model.Folder!, request, manifest, graph, allowNonFinite, cancellation);
        return new CheckedModel(
            manifest, graph, result.Plan, result.Problems, model.Tokenizer() is not null,
            result.Plan is { } plan ? ConversionError.OfPlan(model.Weights, plan, cancellation) : []);
    }

    private static void CheckFile(GgufFile file, ModelRequest request, Manifest manifest, bool allowNonFinite, CancellationToken cancellation)
    {
        GgufTokenizerKeys.Check(file);
        if (file.Find("tokenizer.chat_template") is { } template)
            TemplateCheck.Check(request.Path, template.Key, template.RequireText(), manifest);
        if (!allowNonFinite)
            WeightCheck.Check(file, cancellation);
    }

    private static void CheckFolder(HuggingFaceFolder folder, ModelRequest request, Manifest manifest, ModelGraph graph, bool allowNonFinite, CancellationToken cancellation)
    {
        TokenizerJsonCheck.Check(request.Path, graph.Vocabulary);
        if (FolderTemplate.Find(request.Path) is { } template)
            TemplateCheck.Check(template.Path, template.Key, template.Text, manifest);
        if (!allowNonFinite)
            WeightCheck.Check(folder, cancellation);
    }
}

/// <summary>A model without defects.</summary>
/// <param name="Manifest">What the file says.</param>
/// <param name="Graph">What it computes.</param>
/// <param name="Plan">How it is computed; null where it holds what no kernel computes.</param>
/// <param name="Problems">Warnings, and what hinders a plan.</param>
/// <param name="HasTokenizer">Whether it can read and write text.</param>
/// <param name="Conversions">What is packed as another type than it is stored as.</param>
internal sealed record CheckedModel(
    Manifest Manifest, ModelGraph Graph, Plan? Plan, EquatableArray<ModelProblem> Problems, bool HasTokenizer, IReadOnlyList<TypeConversion> Conversions);
