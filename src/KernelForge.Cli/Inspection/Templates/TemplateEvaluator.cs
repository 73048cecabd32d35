using System.Diagnostics;
using System.Runtime.CompilerServices;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Text;

namespace KernelForge.Cli.Inspection.Templates;

/// <summary>Values of a template's expressions, computed by the operations that compiled templates call.</summary>
internal sealed class TemplateEvaluator(ChatRequest request, Dictionary<string, MacroStatement> macros, Func<MacroStatement, TemplateValue[], TemplateValue> callMacro)
{
    /// <summary>Ends a rendering that nests macros and expressions deeper than this thread can follow.</summary>
    public static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ChatTemplateException("The chat template nests macros and expressions too deep.");
    }

    /// <summary>The value of an expression.</summary>
    public TemplateValue Evaluate(TemplateExpression expression, TemplateScope scope, TemplateLoop? loop)
    {
        CheckStack();
        TemplateValue Value(TemplateExpression part) => Evaluate(part, scope, loop);
        return expression switch
        {
            StringExpression text => text.Value,
            IntegerExpression number => number.Value,
            FloatExpression number => number.Value,
            BooleanExpression value => value.Value,
            NoneExpression => TemplateValue.None,
            NameExpression name => scope[name.Name],
            ListExpression list => TemplateValue.FromList([.. list.Items.Select(Value)]),
            MapExpression map => TemplateValue.Map([.. map.Entries.Select(entry => (Value(entry.Key), Value(entry.Value)))]),
            MemberExpression { Value: NameExpression { Name: "loop" } } member when loop is not null => TemplateOperations.Apply(loop, Vocabulary.Loop[member.Name]),
            MemberExpression member => Value(member.Value)[member.Name],
            IndexExpression index => Value(index.Value)[Value(index.Key)],
            SliceExpression slice => Value(slice.Value).Slice(slice.Start is null ? null : Value(slice.Start), slice.Stop is null ? null : Value(slice.Stop), slice.Step is null ? null : Value(slice.Step)),
            CallExpression call => Call(call, Value),
            FilterExpression filter => Filter(filter, Value),
            TestExpression test => test.IsNegated != Test(test, Value),
            UnaryExpression unary => Unary(unary.Operator, Value(unary.Value)),
            BinaryExpression { Operator: "and" } and => Value(and.Left).And(() => Value(and.Right)),
            BinaryExpression { Operator: "or" } or => Value(or.Left).Or(() => Value(or.Right)),
            BinaryExpression binary => Binary(binary.Operator, Value(binary.Left), Value(binary.Right)),
            ConditionalExpression conditional =>
                Value(conditional.Condition).IsTrue ? Value(conditional.Then)
                : conditional.Otherwise is null ? TemplateValue.Undefined
                : Value(conditional.Otherwise),
            _ => throw new UnreachableException(),
        };
    }

    private static TemplateValue Unary(string sign, TemplateValue value) => sign switch
    {
        "not" => !value.IsTrue,
        "-" => -value,
        _ => 0 + value,
    };

    private static TemplateValue Binary(string sign, TemplateValue left, TemplateValue right) => sign switch
    {
        "==" => left.EqualTo(right),
        "!=" => !left.EqualTo(right),
        "in" => right.Contains(left),
        "not in" => !right.Contains(left),
        "<" => left.Order(right) < 0,
        "<=" => left.Order(right) <= 0,
        ">" => left.Order(right) > 0,
        ">=" => left.Order(right) >= 0,
        "~" => left.Concat(right),
        "//" => left.FloorDivide(right),
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        _ => throw new UnreachableException(),
    };

    private bool Test(TestExpression test, Func<TemplateExpression, TemplateValue> value)
    {
        if (test is { Name: "defined" or "undefined", Value: NameExpression { Name: var name } } && (Vocabulary.Functions.Contains(name) || macros.ContainsKey(name)))
            return test.Name == "defined";
        var tested = value(test.Value);
        return test.Name switch
        {
            "undefined" => !tested.IsDefined,
            "true" => tested.SameAs(true),
            "false" => tested.SameAs(false),
            "ne" => !tested.EqualTo(value(test.Arguments.Positional[0])),
            "in" => value(test.Arguments.Positional[0]).Contains(tested),
            _ => TemplateOperations.Apply(tested, Vocabulary.Tests[test.Name], test.Arguments.Positional.Select(value)).IsTrue,
        };
    }

    private static TemplateValue Filter(FilterExpression filter, Func<TemplateExpression, TemplateValue> value)
    {
        var filtered = value(filter.Value);
        var (positional, named) = (filter.Arguments.Positional.Select(value), filter.Arguments.Named);
        return filter.Name switch
        {
            "tojson" => filtered.ToJson(named.Where(argument => argument.Name == "indent").Select(argument => value(argument.Value)).LastOrDefault()),
            "map" => filtered.MapAttribute(value(named[0].Value)),
            _ => TemplateOperations.Apply(filtered, Vocabulary.Filters[filter.Name], positional.Concat(named.Select(argument => value(argument.Value)))),
        };
    }

    private TemplateValue Call(CallExpression call, Func<TemplateExpression, TemplateValue> value)
    {
        var positional = call.Arguments.Positional;
        switch (call.Callee)
        {
            case NameExpression name when macros.TryGetValue(name.Name, out var macro):
                return callMacro(macro, Arguments(macro, call.Arguments, value));
            case MemberExpression { Name: "join" } join:
                return value(positional[0]).Join(value(join.Value));
            case MemberExpression member:
                return TemplateOperations.Apply(value(member.Value), Vocabulary.Methods[member.Name], positional.Select(value));
        }

        return ((NameExpression)call.Callee).Name switch
        {
            "raise_exception" => TemplateValue.Raise(value(positional[0])),
            "strftime_now" => request.FormatNow(value(positional[0])),
            "namespace" => TemplateValue.Namespace(Named()),
            "dict" => TemplateValue.Map(Named()),
            "range" => TemplateValue.Range(value(positional[0]), positional.Count > 1 ? value(positional[1]) : null, positional.Count > 2 ? value(positional[2]) : null),
            _ => throw new UnreachableException(),
        };

        (TemplateValue, TemplateValue)[] Named() => [.. call.Arguments.Named.Select(argument => ((TemplateValue)argument.Name, value(argument.Value)))];
    }

    private static TemplateValue[] Arguments(MacroStatement macro, Arguments arguments, Func<TemplateExpression, TemplateValue> value) =>
    [
        .. macro.Parameters.Select((parameter, i) =>
            i < arguments.Positional.Count ? value(arguments.Positional[i])
            : arguments.Named.FirstOrDefault(argument => argument.Name == parameter.Name) is { } named ? value(named.Value)
            : parameter.Default is null ? TemplateValue.Undefined
            : value(parameter.Default)),
    ];
}
