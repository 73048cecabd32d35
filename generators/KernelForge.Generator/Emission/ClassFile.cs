using KernelForge.Generator.Declarations;

namespace KernelForge.Generator.Emission;

/// <summary>What every generated file has around its members: pragmas, namespace, class.</summary>
internal static class ClassFile
{
    /// <summary>Warnings and style rules of the user's project are not meant for generated code. Kernels have pointers and numbers only: to look for null in them takes the compiler a quarter of its time.</summary>
    public static void Pragmas(SourceWriter writer, bool isKernels = false) => writer.Line(isKernels ? "#nullable disable" : "#nullable enable").Line("#pragma warning disable");

    /// <summary>Writes namespace and class around what <paramref name="body"/> writes.</summary>
    public static void Open(SourceWriter writer, ClassName name, string declaration, string? summary, Action<SourceWriter> body, bool isKernels = false)
    {
        Pragmas(writer, isKernels);
        writer.Line();
        if (name.Namespace.Length == 0)
        {
            Class(writer, declaration, summary, body);
            return;
        }

        using var space = writer.Block("namespace " + name.Namespace);
        Class(writer, declaration, summary, body);
    }

    private static void Class(SourceWriter writer, string declaration, string? summary, Action<SourceWriter> body)
    {
        if (summary is not null)
            writer.Line($"/// <summary>{summary.Replace("&", "&amp;").Replace("<", "&lt;")}</summary>");
        using var type = writer.Block(declaration);
        body(writer);
    }
}
