using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelForge.Generator.Specialization;

/// <summary>A template method under certain constants, and its text once it is printed.</summary>
/// <param name="name">Its name in the generated class.</param>
/// <param name="method">The template.</param>
/// <param name="constants">Values of its constant parameters, in order.</param>
/// <param name="epilogue">What fills the epilogue hole, if it has one.</param>
/// <param name="isRequested">The generated model calls it; otherwise only other methods of the class do.</param>
internal sealed class MethodInstance(string name, TemplateMethod method, IReadOnlyList<Fragment> constants, string? epilogue, bool isRequested)
{
    private const string CompilerServices = "global::System.Runtime.CompilerServices";
    private CodeWriter output = new();

    public string Name { get; } = name;

    public TemplateMethod Method { get; } = method;

    public IReadOnlyList<Fragment> Constants { get; } = constants;

    public string? Epilogue { get; } = epilogue;

    public bool IsRequested { get; } = isRequested;

    public void Print(Specializer specializer)
    {
        output = new CodeWriter();
        var frame = new Frame(Method, Epilogue, outer: null);
        Method.BindConstants(frame, Constants);
        var expressions = new ExpressionPrinter(specializer, frame);

        PrintHeader();
        var parameters = Method.Parameters.Where(p => p.ConstantType is null).Select(p => $"{expressions.PrintType(p.Type)} {p.Name}");
        var signature = $"{(IsRequested ? "internal" : "private")} static unsafe {expressions.PrintType(Method.Syntax.ReturnType)} {Name}({string.Join(", ", parameters)})";
        if (Method.Syntax.ExpressionBody is { } body)
        {
            output.Write($"{signature} => {expressions.Print(body.Expression).Text};");
            return;
        }
        output.Write(signature);
        new StatementPrinter(specializer, frame, output).PrintBlock(Method.Syntax.Body!);
    }

    public void WriteTo(StringBuilder text, int indent) => output.WriteTo(text, indent);

    private void PrintHeader()
    {
        foreach (var line in Method.Summary)
        {
            output.Write("// " + line);
        }
        if (Constants.Count > 0 || Epilogue is not null)
        {
            var values = Method.Parameters.Where(p => p.ConstantType is not null).Zip(Constants, (p, c) => $"{p.Name} = {c.Text.Substring(c.Text.LastIndexOf('.') + 1)}");
            output.Write($"// {Method.FullName}: {string.Join(", ", Epilogue is null ? values : values.Append("epilogue = " + Epilogue))}");
        }
        var options = Options();
        if (options.Count > 0)
        {
            output.Write($"[{CompilerServices}.MethodImpl({string.Join(" | ", options.Select(o => $"{CompilerServices}.MethodImplOptions.{o}"))})]");
        }
    }

    private List<string> Options()
    {
        if (Method.Container.IsInstructionSet)
        {
            return ["AggressiveInlining"];
        }
        var written = Method.Syntax.AttributeLists.SelectMany(list => list.Attributes)
            .Where(attribute => attribute.Name.ToString() is "MethodImpl")
            .SelectMany(attribute => attribute.ArgumentList!.Arguments.SelectMany(a => a.Expression.DescendantNodesAndSelf().OfType<MemberAccessExpressionSyntax>()))
            .Where(option => option.Expression.ToString().EndsWith("MethodImplOptions", StringComparison.Ordinal))
            .Select(option => option.Name.Identifier.Text)
            .ToList();

        // Under the JIT's first tier no primitive is inlined, and a kernel runs a hundred times slower until it is compiled again.
        return written.Count > 0 || Method.Syntax.Body is null ? written : ["AggressiveOptimization"];
    }
}
