using System.Runtime.InteropServices;
using System.Text;
using KernelForge.Formats.Conversion;
using KernelForge.Formats.Description;
using KernelForge.Formats.IO;
using KernelForge.Formats.Weights;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Writes the packed file of a plan (docs/packed-format.md).</summary>
public static class Packer
{
    private const int RotaryRows = 1024;

    /// <summary>
    /// Packs a model. The output appears by rename when it is complete, under a lock that parallel builds share; memory use does not depend on the model's size.
    /// </summary>
    /// <param name="plan">What is packed where.</param>
    /// <param name="modelPath">The file or folder the plan was made from.</param>
    /// <param name="outputPath">The packed file.</param>
    /// <param name="progress">Told the share that is done, 0 to 1, from any thread; or null.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    /// <param name="converted">Told, at the end, what was converted from which type to which, and with what error; or null.</param>
    /// <param name="allowNonFinite">Whether weights may be infinite or not a number: one of them spoils every answer.</param>
    /// <returns>Whether it was written; false when the output was there already, of this very plan.</returns>
    /// <exception cref="ModelFormatException">The model is damaged, or is not the one that the plan was made from.</exception>
    public static bool Pack(Plan plan, string modelPath, string outputPath, IProgress<double>? progress = null, CancellationToken cancellation = default, Action<TypeConversion>? converted = null, bool allowNonFinite = false)
    {
        outputPath = Path.GetFullPath(outputPath);
        Directory.CreateDirectory(Path.GetDirectoryName(outputPath)!);
        var hash = PlanEncoding.Hash(plan);
        using var fileLock = FileLock.Take(outputPath + ".lock", cancellation);
        RemoveRemains(outputPath);
        if (PackedHeader.IsOf(outputPath, hash))
            return false;

        using var model = ModelFile.Open(modelPath, allowNonFinite);
        CheckIdentity(plan, model);
        IReadOnlyList<TypeConversion> conversions = [];
        OutputFile.Write(outputPath, stream => conversions = Write(plan, hash, model, stream, progress, cancellation));
        foreach (var conversion in conversions)
            converted?.Invoke(conversion);
        return true;
    }

    // What a killed packer left: whoever writes here now holds the lock.
    private static void RemoveRemains(string outputPath)
    {
        foreach (var partial in Directory.EnumerateFiles(Path.GetDirectoryName(outputPath)!, Path.GetFileName(outputPath) + ".*.part"))
            File.Delete(partial);
    }

    private static void CheckIdentity(Plan plan, ModelFile model)
    {
        var found = model.Source;
        if (found.Length != plan.Source.Length || found.Stamp != plan.Source.Stamp)
            throw new ModelFormatException(
                model.Weights.Path,
                $"this is not the file that was compiled: {plan.Source.FileName} of {plan.Source.Length:N0} bytes with stamp {plan.Source.Stamp[..Math.Min(12, plan.Source.Stamp.Length)]} was, this one has {found.Length:N0} bytes and stamp {found.Stamp[..12]}",
                remedy: "Build again, so that code and weights come from the same file.")
            { Code = ProblemCodes.FileChanged };
    }

    private static IReadOnlyList<TypeConversion> Write(Plan plan, byte[] hash, ModelFile model, Stream stream, IProgress<double>? progress, CancellationToken cancellation)
    {
        var writer = new PackedFileWriter(stream);
        writer.Begin();
        var conversions = new WeightPacker(model.Weights, writer, progress, cancellation).Pack(plan);
        writer.End("weights");
        for (var i = 0; i < plan.Rotaries.Count; i++)
        {
            writer.Begin();
            WriteRotary(plan.Rotaries[i], plan.Context, model.Weights, writer, cancellation);
            writer.End($"rotary.{i}");
        }
        if (model.Tokenizer() is { } tokenizer)
        {
            writer.Begin();
            writer.Write(tokenizer);
            writer.End("tokenizer");
        }
        writer.Begin();
        writer.Write(Encoding.UTF8.GetBytes($"{plan.Source.FileName}\n{plan.Source.Length}\n{plan.Source.Stamp}\n"));
        writer.End("source");
        writer.Finish(hash);
        progress?.Report(1);
        return conversions;
    }

    private static void WriteRotary(RotaryTable table, int context, IWeights weights, PackedFileWriter writer, CancellationToken cancellation)
    {
        var rows = new float[RotaryRows * 2 * table.Pairs];
        for (var position = 0; position < context; position += RotaryRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = rows.AsSpan(0, Math.Min(RotaryRows, context - position) * 2 * table.Pairs);
            RotaryTables.Fill(table, name => RotaryTables.ReadFactors(weights, name), position, piece);
            writer.Write(MemoryMarshal.AsBytes(piece));
        }
    }
}
