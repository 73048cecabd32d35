namespace KernelForge.Build.Tests;

/// <summary>NativeAOT needs the system's C linker; tests that publish natively skip where there is none.</summary>
internal static class NativeLinker
{
    public static void Require() =>
        Skip.IfNot(OperatingSystem.IsWindows() || OnPath("clang") || OnPath("gcc"), "No native linker (clang or gcc) on the PATH: native publishing is not tested here.");

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
