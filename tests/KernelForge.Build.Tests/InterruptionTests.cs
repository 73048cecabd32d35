using System.Diagnostics;
using KernelForge.Formats.Packing;

namespace KernelForge.Build.Tests;

/// <summary>A build that is told to end leaves no half written file.</summary>
public sealed class InterruptionTests(PackedPackage package) : PackageUserTests(package)
{
    [SkippableTheory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public void Packing_that_is_interrupted_leaves_nothing(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are sent with kill, which Windows does not have.");
        using var project = new ScratchProject(
            Package, $"""<KernelForgeModel Include="{Repository.SmolLM2}" Class="SmolLM2" />""", "return 0;", extra: TinyProject.Portable);
        project.DotNet("build", "-c", "Release").ShouldSucceed();
        var folder = project.Path("packed");
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(Package.ToolFolder, "kforge-build.dll"), "pack", project.Path("obj", "Release", "net10.0", "App.dll"), "-o", folder, $"SmolLM2={Repository.SmolLM2}"])
        { RedirectStandardError = true, UseShellExecute = false };

        using var packing = Process.Start(start)!;
        while (!File.Exists(Path.Combine(folder, "SmolLM2.kfw.part")) && !packing.HasExited)
            Thread.Sleep(1);
        Command.Run("kill", "/", signal, $"{packing.Id}");
        packing.WaitForExit();

        // On a busy machine the packer may be done before the signal comes: then its file must be whole.
        if (packing.ExitCode == 0)
        {
            PackedFileVerifier.Verify(Path.Combine(folder, "SmolLM2.kfw"));
            Directory.GetFiles(folder).Length.ShouldBe(1);
        }
        else
        {
            packing.ExitCode.ShouldBe(130);
            packing.StandardError.ReadToEnd().ShouldContain("interrupted");
            Directory.GetFiles(folder).ShouldBeEmpty();
        }
    }
}
