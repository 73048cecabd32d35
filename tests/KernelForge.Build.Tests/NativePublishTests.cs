using KernelForge.Formats.Packing;

namespace KernelForge.Build.Tests;

/// <summary>Native executables: their numbers, and what becomes of the weights in them.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Category", "Long")]
public sealed class NativePublishTests(NativePublish publish) : IClassFixture<NativePublish>
{
    /// <summary>
    /// The promise that one answer has one set of bits, as a matrix: threads, chunks, calls and neighbours of <see cref="NativePublish"/> x three models x the JIT with
    /// each instruction set and native code for each target.
    /// </summary>
    /// <param name="host">The JIT, or the target of native code.</param>
    /// <param name="sets">One of these instruction sets must run.</param>
    // net9.0 in all of them: some feeds lack the NativeAOT runtime pack of net10.0.
    [SkippableTheory]
    [InlineData("JIT", "Avx512")]
    [InlineData("JIT", "Avx2Vnni")]
    [InlineData("JIT", "Avx2")]
    [InlineData("JIT", "Portable")]
    [InlineData("x64-v3", "Avx2Vnni,Avx2")]
    [InlineData("x64-v4", "Avx512")]
    [InlineData("native", "Avx512,Avx2Vnni,Avx2")]
    public void Every_way_to_run_a_model_gives_the_same_bits(string host, string sets)
    {
        Processor.Require(sets.Split(',')[^1]);
        if (host != "JIT")
            NativeLinker.Require();

        var lines = host == "JIT" ? publish.RunUnderJit(sets) : NativePublish.Lines(Command.Run(publish.Publish(host), "/").ShouldSucceed());

        sets.Split(',').ShouldContain(lines[0]);
        lines[1..].ShouldBe(publish.UnderJit[1..]);
        var models = lines[1..].GroupBy(line => line.Split(": ")[0], StringComparer.Ordinal).ToList();
        models.Select(model => model.Count()).ShouldBe([NativePublish.WaysOfModel, NativePublish.WaysOfModel, NativePublish.WaysOfModel]);
        models.Select(model => model.Select(line => line.Split(": ")[^1]).Distinct(StringComparer.Ordinal).Count()).ShouldAllBe(hashes => hashes == 1);
        lines.Select(line => line.Split(": ")[^1]).Distinct(StringComparer.Ordinal).Count().ShouldBe(1 + models.Count, "two models have one answer: nothing was computed");
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
