using KernelForge.Formats.Description;
using KernelForge.Formats.Quantization;
using KernelForge.Generator.Emission;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Cli.Quantization;

/// <summary>One matrix of the model before and after.</summary>
/// <param name="Name">Of the tensor.</param>
/// <param name="Shape">Rows and values of a row.</param>
/// <param name="From">How it was stored.</param>
/// <param name="To">How it is stored now, or why it stays.</param>
/// <param name="BytesBefore">Of its values.</param>
/// <param name="BytesAfter">Of its codes and scales, or values.</param>
/// <param name="Error">What was changed, or null: nothing.</param>
internal sealed record TensorFacts(string Name, string Shape, string From, string To, long BytesBefore, long BytesAfter, QuantizationError? Error);

/// <summary>The whole model before or after.</summary>
/// <param name="Bytes">Of the weight files.</param>
/// <param name="BytesPerToken">That decoding a token reads, or null: the architecture does not compile.</param>
/// <param name="TokensPerSecond">What decoding cannot exceed here: the memory's speed over these bytes.</param>
/// <param name="Loss">On the held-out tokens, or null.</param>
internal sealed record ModelFacts(long Bytes, long? BytesPerToken, double? TokensPerSecond, Loss? Loss);

/// <summary>What the table and the page show.</summary>
/// <param name="Model">Name of the original.</param>
/// <param name="Output">The copy.</param>
/// <param name="Tensors">All matrices that the model reads.</param>
/// <param name="Before">The original.</param>
/// <param name="After">The copy.</param>
/// <param name="RoofGigabytesPerSecond">How fast this machine reads memory.</param>
internal sealed record QuantizationFacts(string Model, string Output, IReadOnlyList<TensorFacts> Tensors, ModelFacts Before, ModelFacts After, double RoofGigabytesPerSecond)
{
    private const long RoofBytes = 1L << 28;

    /// <summary>Compares a model with the copy that was written, and measures how fast this machine reads memory.</summary>
    public static QuantizationFacts Of(ModelFile model, QuantizeRequest request, QuantizeResult result)
    {
        var quantized = result.Tensors.Select(entry =>
        {
            var source = model.Weights.FindWeight(entry.Key)!;
            return new TensorFacts(entry.Key, $"{source.Rows} x {source.Columns}", source.Storage, $"{entry.Value.Type}", source.Rows * source.RunBytes, entry.Value.Bytes.Length, entry.Value.Error);
        });
        var others = result.Scope.Units.SelectMany(unit => unit).Where(name => !result.Tensors.ContainsKey(name)).Select(name => (Name: name, Why: "as it is: sensitive"))
            .Concat(result.Scope.Kept.Select(kept => (Name: kept.Key, Why: $"as it is: {kept.Value}"))).Select(kept =>
            {
                var source = model.Weights.FindWeight(kept.Name)!;
                return new TensorFacts(kept.Name, $"{source.Rows} x {source.Columns}", source.Storage, kept.Why, source.Rows * source.RunBytes, source.Rows * source.RunBytes, null);
            });
        var roof = MemoryRoof.Measure(threads: 0, RoofBytes, rounds: 3);
        var before = Facts(request.Model, result.Before, roof, isKnown: true);
        return new QuantizationFacts(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Model))), request.Output,
            [.. quantized.Concat(others)], before, Facts(request.Output, result.After, roof, before.BytesPerToken is not null), roof / 1e9);
    }

    private static ModelFacts Facts(string path, Loss? loss, double roof, bool isKnown)
    {
        var bytes = isKnown ? BytesPerToken(path) : null;
        return new ModelFacts(SizeOf(path), bytes, roof / bytes, loss);
    }

    private static long SizeOf(string path)
    {
        if (!Directory.Exists(path))
            return new FileInfo(path).Length;
        using var model = ModelFile.Open(path);
        return model.Folder!.Tensors.Select(tensor => tensor.File.Path).Distinct(StringComparer.Ordinal).Sum(file => new FileInfo(file).Length);
    }

    // Null: no kernels for this architecture, so nothing to predict.
    private static long? BytesPerToken(string path)
    {
        var result = KernelForge.Compilation.PlanCompiler.Compile(Describer.Describe(path), new PlanOptions());
        return result.Plan is { } plan ? PlanFacts.BytesPerToken(plan) : null;
    }
}
