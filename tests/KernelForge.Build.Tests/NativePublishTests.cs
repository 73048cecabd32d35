using System.Runtime.Intrinsics.X86;
using KernelForge.Formats.Packing;

namespace KernelForge.Build.Tests;

/// <summary>Native executables: their numbers, and what becomes of the weights in them.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Category", "Long")]
public sealed class NativePublishTests(NativePublish publish) : IClassFixture<NativePublish>
{
    // net9.0 in all of them: some feeds lack the NativeAOT runtime pack of net10.0.
    [SkippableTheory]
    [InlineData("x64-v3", "Avx2Vnni,Avx2")]
    [InlineData("x64-v4", "Avx512")]
    [InlineData("native", "Avx512,Avx2Vnni,Avx2")]
    public void Every_target_gives_the_logits_of_the_JIT(string target, string allowed)
    {
        NativeLinker.Require();
        Skip.IfNot(Avx2.IsSupported, $"This processor has no AVX2: an executable for {target} does not run here.");
        Skip.If(target == "x64-v4" && !Avx512BW.VL.IsSupported, "This processor has no AVX-512: an executable for x64-v4 does not run here.");

        var lines = NativePublish.Lines(Command.Run(publish.Publish(target), "/").ShouldSucceed());

        allowed.Split(',').ShouldContain(lines[0]);
        lines[1..].ShouldBe(publish.UnderJit[1..]);
        lines.Distinct(StringComparer.Ordinal).Count().ShouldBe(41);
    }

    [SkippableFact]
    public void An_executable_carries_its_weights_wherever_it_goes()
    {
        NativeLinker.Require();
        var executable = publish.Publish("x64-v3");
        var folder = Path.GetDirectoryName(executable)!;
        Directory.GetFiles(folder, "*.kfw*").ShouldBeEmpty();
        PackedFileVerifier.Verify(executable);

        var elsewhere = Directory.CreateDirectory(publish.Project.Path("else where")).FullName;
        var moved = Path.Combine(elsewhere, "moved");
        File.Copy(executable, moved);
        File.SetUnixFileMode(moved, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Command.Run(moved, "/").ShouldSucceed();

        var link = publish.Project.Path("link");
        File.CreateSymbolicLink(link, moved);
        Command.Run(link, "/").ShouldSucceed();

        var fromPath = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = elsewhere + ":" + Environment.GetEnvironmentVariable("PATH") };
        Command.Run("/bin/sh", "/", fromPath, "-c", "moved").ShouldSucceed();
    }

    [SkippableFact]
    public void Publishing_twice_appends_once()
    {
        NativeLinker.Require();
        var executable = publish.Publish("x64-v3");
        var length = new FileInfo(executable).Length;

        publish.Project.DotNet("publish", "-c", "Release", "-p:KernelForgeTarget=x64-v3", "-o", Path.GetDirectoryName(executable)!).ShouldSucceed();

        new FileInfo(executable).Length.ShouldBe(length);
        Command.Run(executable, "/").ShouldSucceed();
    }
}
