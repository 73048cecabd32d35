using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using KernelForge.Runtime;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Kernels.Tests;

/// <summary>The templates as they stand, compiled with one instruction set behind the aliases.</summary>
public sealed unsafe class KernelSet
{
    private readonly Assembly assembly;

    private KernelSet(SimdKind kind, Assembly assembly) => (Kind, this.assembly) = (kind, assembly);

    public SimdKind Kind { get; }

    /// <summary>The instruction-set class itself.</summary>
    public Type Simd => assembly.GetType($"KernelForge.Kernels.{Kind}Simd", throwOnError: true)!;

    public static bool IsSupported(SimdKind kind) => kind switch
    {
        SimdKind.Portable => true,
        SimdKind.Avx2 => System.Runtime.Intrinsics.X86.Avx2.IsSupported && System.Runtime.Intrinsics.X86.Fma.IsSupported,
        SimdKind.Avx2Vnni => IsSupported(SimdKind.Avx2) && System.Runtime.Intrinsics.X86.AvxVnni.IsSupported,
        SimdKind.Avx512 => System.Runtime.Intrinsics.X86.Avx512BW.VL.IsSupported && System.Runtime.Intrinsics.X86.Avx512DQ.VL.IsSupported,
        _ => System.Runtime.Intrinsics.Arm.Dp.IsSupported,
    };

    /// <summary>Compiles the templates for an instruction set, unless the file is there already.</summary>
    public static KernelSet Compile(SimdKind kind, string folder)
    {
        var path = Path.Combine(folder, $"Kernels.{kind}.dll");
        if (!File.Exists(path))
            Emit(kind, path);
        return new KernelSet(kind, new AssemblyLoadContext(path).LoadFromAssemblyPath(path));
    }

    /// <summary>Calls a template method. Pointers and enums are passed as integers.</summary>
    public object? Call(string method, params object[] arguments)
    {
        var dot = method.IndexOf('.', StringComparison.Ordinal);
        var info = assembly.GetType($"KernelForge.Kernels.{method[..dot]}", throwOnError: true)!.GetMethod(method[(dot + 1)..])
            ?? throw new MissingMethodException(method);
        return Invoke(info, arguments);
    }

    /// <summary>Puts an epilogue into the hole.</summary>
    public void Bind(string epilogue)
    {
        var hole = assembly.GetType("KernelForge.Kernels.Epilogue", throwOnError: true)!.GetProperty("Current")!;
        var apply = assembly.GetType($"KernelForge.Kernels.{epilogue}", throwOnError: true)!.GetMethod("Apply")!;
        hole.SetValue(null, Delegate.CreateDelegate(hole.PropertyType, apply));
    }

    internal static object? Invoke(MethodInfo method, object[] arguments)
    {
        var parameters = method.GetParameters();
        arguments.Length.ShouldBe(parameters.Length, method.Name);
        var converted = new object[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
            converted[i] = Convert(arguments[i], parameters[i].ParameterType);
        try
        {
            return method.Invoke(null, converted);
        }
        catch (TargetInvocationException failure) when (failure.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(failure.InnerException);
            throw;
        }
    }

    private static object Convert(object argument, Type type)
    {
        if (type.IsPointer)
            return Pointer.Box((void*)(nint)argument, type);
        if (type.IsEnum)
            return Enum.ToObject(type, System.Convert.ToInt32(argument, null));
        return type == typeof(nint) && argument is int number ? (nint)number : argument;
    }

    private static void Emit(SimdKind kind, string path)
    {
        var width = kind switch
        {
            SimdKind.Avx512 => 512,
            SimdKind.Avx2 or SimdKind.Avx2Vnni => 256,
            _ => 128,
        };
        var root = Repository.At("kernels/KernelForge.Kernels");
        var trees = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(file => (Path: file, Text: File.ReadAllText(file)))
            .Select(file => file.Path.EndsWith("Aliases.cs", StringComparison.Ordinal)
                ? file.Text.Replace("Vector128", $"Vector{width}", StringComparison.Ordinal).Replace("PortableSimd", $"{kind}Simd", StringComparison.Ordinal)
                : file.Text)
            .Append("global using System; global using System.Collections.Generic; global using System.Linq;")
            .Select(text => CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest)));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !file.EndsWith("KernelForge.Kernels.dll", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        var result = CSharpCompilation.Create($"Kernels.{kind}", trees, references, options).Emit(path);
        if (!result.Success)
            File.Delete(path);
        result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
    }
}
