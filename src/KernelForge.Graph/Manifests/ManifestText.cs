namespace KernelForge.Manifests;

/// <summary>The text form of a manifest (<c>.kfmanifest</c>): line by line, the same bytes for the same manifest on every machine.</summary>
public static class ManifestText
{
    /// <summary>Prints a manifest.</summary>
    public static string Write(Manifest manifest) => throw new NotSupportedException();

    /// <summary>Prints what stands in place of a manifest when the model file could not be described.</summary>
    public static string WriteProblem(ModelProblem problem, string fileName) => throw new NotSupportedException();

    /// <summary>Reads either form. Damaged text gives <see cref="ProblemCodes.ManifestDamaged"/> with the line; nothing is thrown.</summary>
    public static ManifestReadResult Read(string text) => throw new NotSupportedException();
}

/// <summary>A manifest, or why there is none.</summary>
/// <param name="FileName">Name of the model file, as far as it is known.</param>
/// <param name="Manifest">The manifest, or null.</param>
/// <param name="Problem">Set when <paramref name="Manifest"/> is null.</param>
public sealed record ManifestReadResult(string FileName, Manifest? Manifest, ModelProblem? Problem);
