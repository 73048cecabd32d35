using KernelForge.Cli.Commands;
using KernelForge.Cli.Compilation;
using KernelForge.Compilation;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Description;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.HuggingFace;
using KernelForge.Formats.Tokenizers;

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
    /// <exception cref="UserException">The model cannot be compiled.</exception>
    public static CheckedModel Check(ModelRequest request, bool allowNonFinite = false, Action<PassTrace>? observe = null, CancellationToken cancellation = default)
    {
        using var model = ModelFile.Open(request.Path, allowNonFinite);
        var planned = ModelPlanner.Plan(request, model.Describe(), observe);
        if (model.Gguf is { } file)
            CheckFile(file, request, planned, allowNonFinite, cancellation);
        else
            CheckFolder(model.Folder!, request, planned, allowNonFinite, cancellation);
        return new CheckedModel(planned, model.Tokenizer() is not null, ConversionError.OfPlan(model.Weights, planned.Plan, cancellation));
    }

    private static void CheckFile(GgufFile file, ModelRequest request, PlannedModel planned, bool allowNonFinite, CancellationToken cancellation)
    {
        GgufTokenizerKeys.Check(file);
        if (file.Find("tokenizer.chat_template") is { } template)
            TemplateCheck.Check(request.Path, template.Key, template.RequireText(), planned.Manifest);
        if (!allowNonFinite)
            WeightCheck.Check(file, cancellation);
    }

    private static void CheckFolder(HuggingFaceFolder folder, ModelRequest request, PlannedModel planned, bool allowNonFinite, CancellationToken cancellation)
    {
        TokenizerJsonCheck.Check(request.Path, planned.Result.Graph!.Vocabulary);
        if (FolderTemplate.Find(request.Path) is { } template)
            TemplateCheck.Check(template.Path, template.Key, template.Text, planned.Manifest);
        if (!allowNonFinite)
            WeightCheck.Check(folder, cancellation);
    }
}

/// <summary>A model without defects.</summary>
/// <param name="Planned">What it is and how it is computed.</param>
/// <param name="HasTokenizer">Whether it can read and write text.</param>
/// <param name="Conversions">What is packed as another type than it is stored as.</param>
internal sealed record CheckedModel(PlannedModel Planned, bool HasTokenizer, IReadOnlyList<TypeConversion> Conversions);
