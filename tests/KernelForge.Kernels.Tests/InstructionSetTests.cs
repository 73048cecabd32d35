using System.Diagnostics;
using System.Reflection;
using KernelForge.Runtime;

namespace KernelForge.Kernels.Tests;

/// <summary>Instruction sets as a whole: what a processor without some of them runs, and that all classes are alike.</summary>
public sealed class InstructionSetTests(CompiledKernels compiled) : IClassFixture<CompiledKernels>
{
    [SkippableTheory]
    [InlineData(SimdKind.Avx2Vnni, "AVX512")]
    [InlineData(SimdKind.Avx2, "AVX512", "AVXVNNI")]
    [InlineData(SimdKind.Portable, "AVX512", "AVXVNNI", "AVX2")]
    public void WithoutSomeInstructionSetsTheOthersEqualTheContract(SimdKind chosen, params string[] switchedOff)
    {
        Skip.IfNot(KernelSet.IsSupported(chosen), $"this processor has no {chosen}");
        Skip.IfNot(System.Runtime.Intrinsics.X86.X86Base.IsSupported, "the switches are those of x86-64");
        compiled.Of(chosen);
        compiled.Of(SimdKind.Portable);
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(InstructionSetTests).Assembly.Location);
        start.ArgumentList.Add("check");
        start.ArgumentList.Add(compiled.Folder);
        foreach (var feature in switchedOff)
        {
            start.ArgumentList.Add(feature);
            start.Environment[$"DOTNET_Enable{feature}"] = "0";
        }

        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        child.ExitCode.ShouldBe(0, errors.GetAwaiter().GetResult());
        output.Trim().ShouldBe($"passed on {chosen}");
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public void OnAnEmulatedArmProcessorTheKernelsEqualTheContract()
    {
        Skip.If(KernelSet.IsSupported(SimdKind.AdvSimd), "this processor itself runs them in every other test");
        var arm = ArmEmulator.Require();
        // Compiled here: the compiler would need libraries there that the runtime does without.
        compiled.Of(SimdKind.AdvSimd);
        compiled.Of(SimdKind.Portable);

        var run = Command.Run(arm[0], compiled.Folder, [.. arm[1..], typeof(InstructionSetTests).Assembly.Location, "check", compiled.Folder]);

        run.ShouldSucceed().Output.Trim().ShouldBe($"passed on {SimdKind.AdvSimd}");
    }

    [Fact]
    public void AllInstructionSetClassesHaveTheSameMembers()
    {
        var expected = Members(typeof(PortableSimd));
        foreach (var simd in new[] { typeof(AdvSimdSimd), typeof(Avx2Simd), typeof(Avx2VnniSimd), typeof(Avx512Simd) })
            Members(simd).ShouldBe(expected, simd.Name);
    }

    private static string[] Members(Type type) => type.GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Select(member => member is MethodInfo method ? $"{method.Name}({string.Join(", ", method.GetParameters().Select(p => Shape(p.ParameterType)))})" : member.Name)
        .Order(StringComparer.Ordinal)
        .ToArray();

    /// <summary>A vector of any width is a vector of its elements.</summary>
    private static string Shape(Type type) => type.IsGenericType ? $"vector of {type.GetGenericArguments()[0].Name}" : type.Name;
}
