namespace KernelForge.Manifests;

/// <summary>A manifest, or why there is none.</summary>
/// <param name="FileName">Name of the model file, as far as it is known.</param>
/// <param name="Manifest">The manifest, or null.</param>
/// <param name="Problem">Set when <paramref name="Manifest"/> is null.</param>
public sealed record ManifestReadResult(string FileName, Manifest? Manifest, ModelProblem? Problem);
