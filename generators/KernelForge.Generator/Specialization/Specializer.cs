namespace KernelForge.Generator.Specialization;

/// <summary>Specialises templates for one instruction set, into members of one static class.</summary>
/// <param name="library">Where the templates are.</param>
/// <param name="kind">The instruction set.</param>
public sealed class Specializer(TemplateLibrary library, SimdKind kind)
{
    /// <summary>Asks for a specialised method; it becomes an <c>internal static unsafe</c> method without the constant parameters.</summary>
    /// <param name="template">Class and method, e.g. <c>MatMulInt.Run</c>.</param>
    /// <param name="methodName">Name of the specialised method.</param>
    /// <param name="constants">Value of each constant parameter: a number, <c>true</c> or <c>false</c>, or the name of an enum's member (<c>Int4</c>).</param>
    /// <param name="epilogue">Template class that fills the epilogue hole, e.g. <c>ResidualEpilogue</c>; null where the template has none.</param>
    /// <returns>The name to call: the name of an equal earlier request if there is one.</returns>
    /// <exception cref="TemplateException">There is no such template, or a constant is missing, unknown or malformed.</exception>
    public string Request(string template, string methodName, IReadOnlyDictionary<string, string> constants, string? epilogue = null) =>
        throw new NotSupportedException($"{library.GetType()} {kind} {template} {methodName} {constants} {epilogue}");

    /// <summary>All requested methods, what they call, and the members of the instruction-set class they use, as members of one static class.</summary>
    /// <param name="indent">Spaces before each member.</param>
    /// <exception cref="TemplateException">A template cannot be specialised.</exception>
    public string Render(int indent = 4) => throw new NotSupportedException($"{indent}");
}
