using System.Reflection;
using KernelForge.Generator.Specialization;
using KernelForge.TemplateLanguage;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>Templates written in a test, and specialised code compiled as a user's project would compile it.</summary>
internal static class SpecializedCode
{
    /// <summary>What a template file of the kernels project sees, reduced to the language itself.</summary>
    private const string Language = """
        global using FloatVector = System.Runtime.Intrinsics.Vector128<float>;
        global using ByteVector = System.Runtime.Intrinsics.Vector128<byte>;
        global using Simd = KernelForge.Kernels.PortableSimd;
        global using System.Runtime.Intrinsics;
        using System;
        namespace KernelForge.Kernels
        {
            public sealed class KernelTemplateAttribute : Attribute;
            public sealed class ConstantAttribute : Attribute;
            public enum Layout { Narrow, Wide = 4, Other = 9 }
            public readonly struct Registers<T>(int count) { private readonly T[] values = new T[count]; public ref T this[int index] => ref values[index]; }
            public static class Unroll
            {
                public static ReadOnlySpan<int> Range(int count) => Range(0, count);
                public static ReadOnlySpan<int> Range(int from, int to) => System.Linq.Enumerable.Range(from, to - from).ToArray();
            }
            public static unsafe class Epilogue { public static void Apply(float* y, nint row, float value) { } }
        }
        """;

    /// <summary>The framework and the run time: what a user's project has.</summary>
    private static readonly MetadataReference[] References = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path) is "System.Private.CoreLib.dll" or "System.Runtime.dll" or "System.Runtime.Intrinsics.dll" or "System.Linq.dll" or "KernelForge.dll"
            or "System.Collections.dll" or "System.Threading.dll" or "System.Net.Http.dll")
        .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
        .ToArray();

    /// <summary>The library of one template file, and an instruction-set class for each kind.</summary>
    public static TemplateLibrary Library(string template)
    {
        var resource = Compile(template, out var errors);
        errors.ShouldBeEmpty();
        return TemplateLibrary.Parse(resource);
    }

    /// <summary>The errors of the template language in one template file: id, line and the text under the squiggle.</summary>
    public static IReadOnlyList<string> Errors(string template)
    {
        Compile(template, out var errors);
        return errors;
    }

    public static string Specialize(string template, string method, string constants = "", string? epilogue = null, SimdKind kind = SimdKind.Portable)
    {
        var specializer = new Specializer(Library(template), kind);
        specializer.Request(method, "Run", Constants(constants), epilogue);
        return specializer.Render(indent: 0);
    }

    /// <summary><c>n=3, wide=true</c> as a dictionary.</summary>
    public static Dictionary<string, string> Constants(string text) => text
        .Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>Compiles members of a static class with nothing but the run time as a reference; C# errors fail the test.</summary>
    public static Type CompileMembers(string members) => CompileClasses(("Specialized", members)).GetType("Specialized")!;

    public static Assembly CompileClasses(params IEnumerable<(string Name, string Members)> classes)
    {
        var source = string.Concat(classes.Select(c => $"#nullable enable\ninternal static unsafe class {c.Name}\n{{\n{c.Members}}}\n"));
        var compilation = CSharpCompilation.Create(
            "Specialized" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(source)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, optimizationLevel: OptimizationLevel.Release));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        var lines = source.Split('\n');
        result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => $"{d} in: {lines[d.Location.GetLineSpan().StartLinePosition.Line].Trim()}").ShouldBeEmpty();
        return Assembly.Load(image.ToArray());
    }

    private static string Compile(string template, out IReadOnlyList<string> errors)
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Language.cs"] = Language,
            ["Template.cs"] = "namespace KernelForge.Kernels;\n" + template,
        };
        foreach (var (kind, bits) in new[] { ("Avx512", 512), ("Avx2Vnni", 256), ("Avx2", 256), ("AdvSimd", 128), ("Portable", 128) })
        {
            sources.Add($"{kind}Simd.cs", InstructionSet(kind, bits));
        }
        var resource = TemplateCompiler.Compile(sources, References, out var found);
        errors = found.Select(Describe).ToList();
        return resource;
    }

    private static string Describe(Diagnostic error)
    {
        var line = error.Location.GetLineSpan().StartLinePosition.Line;
        return $"{error.Id} {line}: {error.Location.SourceTree!.GetText().ToString(error.Location.SourceSpan)}";
    }

    private static string InstructionSet(string kind, int bits) => $$"""
        using System.Runtime.Intrinsics;
        namespace KernelForge.Kernels;
        [KernelTemplate]
        public static unsafe class {{kind}}Simd
        {
            public const int Width = {{bits / 32}};
            public const bool IsWide = Width == 16;
            public static Vector{{bits}}<float> Load(float* p) => Vector{{bits}}.Load(p);
            public static void Store(float* p, Vector{{bits}}<float> x) => x.Store(p);
            public static Vector{{bits}}<float> Add(Vector{{bits}}<float> a, Vector{{bits}}<float> b) => a + b;
        }
        """;
}
