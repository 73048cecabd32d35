using System.Globalization;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>Specialises templates for one instruction set, into members of one static class.</summary>
/// <param name="library">Where the templates are.</param>
/// <param name="kind">The instruction set.</param>
public sealed class Specializer(TemplateLibrary library, SimdKind kind)
{
    /// <summary>The instruction set it specialises for.</summary>
    public SimdKind Kind => kind;

    private readonly string instructionSet = kind + "Simd";
    private readonly InstanceTable instances = new(kind + "Simd");
    private readonly Dictionary<string, Constant> fields = new(StringComparer.Ordinal);
    private int? vectorBits;

    /// <summary>Asks for a specialised method; it becomes an <c>internal static unsafe</c> method without the constant parameters.</summary>
    /// <param name="template">Class and method, e.g. <c>MatMulInt.Run</c>.</param>
    /// <param name="methodName">Name of the specialised method.</param>
    /// <param name="constants">Value of each constant parameter: a number, <c>true</c> or <c>false</c>, or the name of an enum's member (<c>Int4</c>).</param>
    /// <param name="epilogue">Template class that fills the epilogue hole, e.g. <c>ResidualEpilogue</c>; null where the template has none.</param>
    /// <returns>The name to call: the name of an equal earlier request if there is one.</returns>
    /// <exception cref="TemplateException">There is no such template, or a constant is missing, unknown or malformed.</exception>
    public string Request(string template, string methodName, IReadOnlyDictionary<string, string> constants, string? epilogue = null)
    {
        var method = Resolve(template);
        if (method.IsInlined)
        {
            throw new TemplateException($"'{template}' takes register arrays, so it can only be called by another template.");
        }
        if (library.UsesEpilogue(method) != epilogue is not null)
        {
            throw new TemplateException(epilogue is null ? $"'{template}' needs an epilogue." : $"'{template}' has no epilogue hole for '{epilogue}'.");
        }
        var values = new List<Fragment>();
        foreach (var parameter in method.Parameters.Where(p => p.ConstantType is not null))
        {
            values.Add(constants.TryGetValue(parameter.Name, out var text)
                ? ParseConstant(method, parameter, text)
                : throw new TemplateException($"'{template}' needs the constant '{parameter.Name}'."));
        }
        if (constants.Keys.FirstOrDefault(name => method.Parameters.All(p => p.ConstantType is null || p.Name != name)) is { } unknown)
        {
            throw new TemplateException($"'{template}' has no constant parameter '{unknown}'.");
        }
        return instances.Request(method, methodName, values, epilogue);
    }

    /// <summary>All requested methods, what they call, and the members of the instruction-set class they use, as members of one static class.</summary>
    /// <param name="indent">Spaces before each member.</param>
    /// <exception cref="TemplateException">A template cannot be specialised.</exception>
    public string Render(int indent = 4)
    {
        instances.DiscardHelpers();
        for (var i = 0; i < instances.Count; i++)
        {
            instances[i].Print(this);
        }
        return instances.Join(indent);
    }

    /// <summary>The method that <c>Class.Method</c> means for this instruction set.</summary>
    internal TemplateMethod Resolve(string fullName) => library.Method(Concrete(fullName));

    /// <summary>The name of a template method under these constants; it will be among the members.</summary>
    internal string Instantiate(TemplateMethod method, IReadOnlyList<Fragment> constants, string? epilogue) =>
        instances.Add(method, constants, epilogue is not null && library.UsesEpilogue(method) ? epilogue : null);

    /// <summary>The value of a constant of a template class.</summary>
    internal Constant FieldValue(string fullName)
    {
        var name = Concrete(fullName);
        if (!fields.TryGetValue(name, out var value))
        {
            var dot = name.IndexOf('.');
            var container = library.Class(name.Substring(0, dot));
            var initializer = container.ConstantInitializer(name.Substring(dot + 1))
                ?? throw new TemplateException($"{container.Path}: '{container.Name}' has no constant '{name.Substring(dot + 1)}'.");
            value = new ExpressionPrinter(this, new Frame(container, epilogue: null)).Evaluate(initializer);
            fields.Add(name, value);
        }
        return value;
    }

    /// <summary>The vector type of this instruction set's width.</summary>
    internal string VectorType(string element)
    {
        vectorBits ??= 32 * (int)FieldValue(TemplateLibrary.InstructionSetPrefix + "Width").Value;
        return $"global::System.Runtime.Intrinsics.Vector{vectorBits.Value.ToString(CultureInfo.InvariantCulture)}<{element}>";
    }

    /// <summary>A member of an enum as C#.</summary>
    internal string EnumText(Constant value)
    {
        var name = library.Members(value.Type).FirstOrDefault(member => member.Value == value.Value).Key;
        return name is null ? $"(({value.Type}){value.Value.ToString(CultureInfo.InvariantCulture)})" : $"{value.Type}.{name}";
    }

    private string Concrete(string fullName) => fullName.StartsWith(TemplateLibrary.InstructionSetPrefix, StringComparison.Ordinal)
        ? instructionSet + fullName.Substring(TemplateLibrary.InstructionSetPrefix.Length - 1)
        : fullName;

    private Fragment ParseConstant(TemplateMethod method, TemplateParameter parameter, string text)
    {
        var printer = new ExpressionPrinter(this, new Frame(method.Container, epilogue: null));
        switch (parameter.ConstantType)
        {
            case Constant.Int when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return printer.Known(Constant.Of(number));
            case Constant.Bool when text is "true" or "false":
                return printer.Known(Constant.Of(text == "true"));
            case { } type and not (Constant.Int or Constant.Bool) when library.Members(type).TryGetValue(text.Substring(text.LastIndexOf('.') + 1), out var member):
                return printer.Known(new Constant(type, member));
            default:
                throw new TemplateException($"'{text}' is no value of the constant '{parameter.Name}' ({parameter.ConstantType}) of '{method.FullName}'.");
        }
    }
}
