using System.Diagnostics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using KernelForge.Reference;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Every instruction set gives the contract's logits: child processes with features switched off, which first assert that they are off.</summary>
[Trait("Category", "Long")]
public class InstructionSetTests(PortableSmolLM2Fixture fixture) : IClassFixture<PortableSmolLM2Fixture>
{
    [SkippableTheory]
    [InlineData(SimdKind.Avx512, "")]
    [InlineData(SimdKind.Avx2Vnni, "DOTNET_EnableAVX512")]
    [InlineData(SimdKind.Avx2, "DOTNET_EnableAVX512,DOTNET_EnableAVXVNNI")]
    [InlineData(SimdKind.AdvSimd, "")]
    [InlineData(SimdKind.Portable, "DOTNET_EnableAVX2,DOTNET_EnableArm64Dp")]
    public async Task GivesTheContractsLogits(SimdKind kind, string switchedOff)
    {
        Skip.IfNot(Runs(kind), $"This processor has no {kind}.");
        var tokens = SmolLM2Fixture.Prompt[..4];

        var actual = SessionRuns.Rows(await RunWorkerAsync(kind, switchedOff, tokens), fixture.Model.Plan.Vocabulary);

        Comparison.FirstBitDifference(fixture.Expected[..4], actual).ShouldBeNull();
    }

    private static bool Runs(SimdKind kind) => kind switch
    {
        SimdKind.Avx512 => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported,
        SimdKind.Avx2Vnni => AvxVnni.IsSupported,
        SimdKind.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        SimdKind.AdvSimd => Dp.Arm64.IsSupported,
        _ => true,
    };

    private async Task<byte[]> RunWorkerAsync(SimdKind kind, string switchedOff, int[] tokens)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
            [TestFiles.Worker, fixture.Model.AssemblyPath, fixture.Model.ClassName, fixture.Model.WeightsPath, "F16", "2", kind.ToString(), string.Join(',', tokens)];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in switchedOff.Split(',', StringSplitOptions.RemoveEmptyEntries))
            start.Environment[name] = "0";

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await error);
        return output.ToArray();
    }
}
