using System.Reflection;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;

namespace KernelForge.Cli.Inspection.Templates;

/// <summary>Calls the members that <see cref="Vocabulary"/> names. Its table is the compiler's own, so that there is one list of what templates can do.</summary>
internal static class TemplateOperations
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    /// <summary>The result of a filter, test, method or of an attribute of <c>loop</c>.</summary>
    public static TemplateValue Apply(object value, Operation operation, IEnumerable<TemplateValue>? arguments = null)
    {
        var name = operation.Member.Replace("()", "", StringComparison.Ordinal);
        var result = name.Length == operation.Member.Length
            ? value.GetType().GetProperty(name, Public)!.GetValue(value, BindingFlags.DoNotWrapExceptions, null, null, null)
            : Invoke(value, value.GetType().GetMethod(name, Public)!, arguments ?? []);
        return result as TemplateValue ?? (bool)result!;
    }

    private static object? Invoke(object value, MethodInfo method, IEnumerable<TemplateValue> arguments)
    {
        var all = new object?[method.GetParameters().Length];
        var next = 0;
        foreach (var argument in arguments)
            all[next++] = argument;
        return method.Invoke(value, BindingFlags.DoNotWrapExceptions, null, all, null);
    }
}
