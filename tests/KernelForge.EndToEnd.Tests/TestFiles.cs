namespace KernelForge.EndToEnd.Tests;

/// <summary>Where tests find their models.</summary>
internal static class TestFiles
{
    /// <summary>The program that runs a model in a process of its own, built like these tests.</summary>
    public static string Worker { get; } = Path.Combine(Repository.Built("tests/KernelForge.EndToEnd.Worker"), "KernelForge.EndToEnd.Worker.dll");

    /// <summary>A file of this project's Data folder.</summary>
    public static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);
}
