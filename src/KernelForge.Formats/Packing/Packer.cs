using KernelForge.Plans;

namespace KernelForge.Formats.Packing;

/// <summary>Writes the packed file of a plan (docs/packed-format.md).</summary>
public static class Packer
{
    /// <summary>
    /// Packs a model. The output appears by rename when it is complete, under a lock that parallel builds share; memory use does not depend on the model's size.
    /// </summary>
    /// <param name="plan">What is packed where.</param>
    /// <param name="modelPath">The file the plan was made from.</param>
    /// <param name="outputPath">The packed file.</param>
    /// <param name="progress">Told the share that is done, 0 to 1, from any thread; or null.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    /// <returns>Whether it was written; false when the output was there already, of this very plan.</returns>
    /// <exception cref="ModelFormatException">The model is damaged, or is not the one that the plan was made from.</exception>
    public static bool Pack(Plan plan, string modelPath, string outputPath, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException(modelPath);
}
