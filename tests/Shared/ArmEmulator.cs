namespace KernelForge.Tests;

/// <summary>An emulated Arm64 processor and a .NET for it.</summary>
internal static class ArmEmulator
{
    private const string Emulator = "qemu-aarch64";
    private const string Libraries = "/usr/aarch64-linux-gnu";

    /// <summary>
    /// A real processor with dot products and without wider vectors. The runtime must not write code through a second mapping: the emulator (seen with
    /// 7.2) does not notice that and runs what lay there before.
    /// </summary>
    private static readonly string[] Options = ["-cpu", "neoverse-n1", "-E", "DOTNET_EnableWriteXorExecute=0", "-L", Libraries];

    private static readonly Lazy<string> Host = new(BuildHost);

    /// <summary>The command that, before an assembly and its arguments, runs it on Arm64; skips the test by name where something is missing.</summary>
    public static string[] Require()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip.IfNot(folders.Any(folder => File.Exists(Path.Combine(folder, Emulator))), $"There is no {Emulator} on this machine (Debian: qemu-user).");
        foreach (var library in new[] { "ld-linux-aarch64.so.1", "libstdc++.so.6" })
            Skip.IfNot(File.Exists(Path.Combine(Libraries, "lib", library)), $"There is no {library} for Arm64 in {Libraries} (Debian: libc6-arm64-cross, libstdc++6-arm64-cross).");
        return [Emulator, .. Options, Host.Value];
    }

    private static string BuildHost()
    {
        const string Project = "tests/KernelForge.Arm64Host";
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var build = Command.Run("dotnet", Repository.Root, "build", Repository.At(Project), "-c", configuration, "-v", "quiet");
        // A package or version that the sources do not have, or a source that does not answer.
        var missing = new[] { "NU1101", "NU1102", "NU1103", "NU1301" }.FirstOrDefault(build.All.Contains);
        Skip.If(build.ExitCode != 0 && missing is not null, $"The package sources have no .NET runtime for Arm64 ({missing}).");
        build.ShouldSucceed();
        return Path.Combine(Repository.Built(Project), "linux-arm64", "KernelForge.Arm64Host");
    }
}
