using System.Reflection;
using KernelForge.Generator.Specialization;
using KernelForge.Runtime;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Benchmarks;

/// <summary>Kernels as the generator emits them for this processor, compiled as a user's project compiles them.</summary>
internal static class SpecializedKernels
{
    /// <summary>The address of a specialised template.</summary>
    public static nint Compile(string template, IReadOnlyDictionary<string, string> constants, string? epilogue = null)
    {
        var kind = Enum.Parse<Generator.Specialization.SimdKind>(InstructionSets.Selected.ToString());
        var specializer = new Specializer(TemplateLibrary.Default, kind);
        specializer.Request(template, "Run", constants, epilogue);
        var source = $"internal static unsafe class Kernel\n{{\n{specializer.Render()}}}\n";
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "KernelForge.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release);
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create("Kernel" + Guid.NewGuid().ToString("N"), [CSharpSyntaxTree.ParseText(source)], references, options).Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));
        }
        var method = Assembly.Load(image.ToArray()).GetType("Kernel")!.GetMethod("Run", BindingFlags.Static | BindingFlags.NonPublic)!;
        return method.MethodHandle.GetFunctionPointer();
    }
}
