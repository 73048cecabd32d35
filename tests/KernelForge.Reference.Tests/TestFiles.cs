namespace KernelForge.Reference.Tests;

/// <summary>Where tests find their reference figures.</summary>
internal static class TestFiles
{
    /// <summary>A file of this project's Data folder.</summary>
    public static string Data(string path) => Path.Combine(AppContext.BaseDirectory, "Data", path);
}
