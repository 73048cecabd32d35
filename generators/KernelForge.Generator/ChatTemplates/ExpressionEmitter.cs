using System.Globalization;
using KernelForge.Language;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>Emits expressions.</summary>
internal sealed class ExpressionEmitter(Func<string, string> resolve, IReadOnlyDictionary<string, MacroStatement> macros)
{
    private readonly Dictionary<string, string> _macroNames = [];
    private readonly HashSet<string> _defined = [];
    private readonly Stack<string?> _loops = new();

    /// <summary>Says what a macro is called in C#.</summary>
    public void NameMacro(string macro, string name) => _macroNames[macro] = name;

    /// <summary>What a macro is called in C#.</summary>
    public string MacroName(string macro) => _macroNames[macro];

    /// <summary>From here on a macro may be called.</summary>
    public void DefineMacro(string macro) => _defined.Add(macro);

    /// <summary>From here on <c>loop</c> is this variable.</summary>
    public void EnterLoop(string variable) => _loops.Push(variable);

    /// <summary>Back to the loop outside.</summary>
    public void LeaveLoop() => _loops.Pop();

    /// <summary>A macro's body sees no loop of its caller.</summary>
    public void EnterMacro() => _loops.Push(null);

    /// <summary>The end of a macro's body.</summary>
    public void LeaveMacro() => _loops.Pop();

    /// <summary>Emits an expression.</summary>
    public Code Emit(TemplateExpression expression) => expression switch
    {
        StringExpression text => new Code(CSharpText.Of(text.Value), CodeType.Text),
        IntegerExpression number => new Code(number.Value.ToString(CultureInfo.InvariantCulture), CodeType.Number),
        FloatExpression number => new Code(number.Value.ToString("R", CultureInfo.InvariantCulture) + "d", CodeType.Number),
        BooleanExpression value => new Code(value.Value ? "true" : "false", CodeType.Boolean),
        NoneExpression => new Code(Code.ValueType + ".None"),
        NameExpression name => EmitName(name),
        ListExpression list => new Code($"{Code.ValueType}.List({string.Join(", ", list.Items.Select(item => Emit(item).Text))})"),
        MapExpression map => new Code($"{Code.ValueType}.Map({string.Join(", ", map.Entries.Select(entry => $"({Emit(entry.Key).Text}, {Emit(entry.Value).Text})"))})"),
        MemberExpression member => EmitMember(member),
        IndexExpression index => new Code($"{Emit(index.Value).Receiver()}[{Emit(index.Key).Text}]"),
        SliceExpression slice => new Code($"{Emit(slice.Value).Receiver()}.Slice({Bound(slice.Start)}, {Bound(slice.Stop)}, {Bound(slice.Step)})"),
        CallExpression call => EmitCall(call),
        FilterExpression filter => EmitFilter(filter),
        TestExpression test => test.IsNegated ? EmitTest(test).Not() : EmitTest(test),
        UnaryExpression unary => EmitUnary(unary),
        BinaryExpression binary => EmitBinary(binary),
        ConditionalExpression conditional => EmitConditional(conditional),
        _ => throw new TemplateSyntaxException("This expression is not supported.", expression.Offset),
    };

    /// <summary>Emits an expression of which only the truth matters.</summary>
    public Code EmitCondition(TemplateExpression expression) => expression is BinaryExpression { Operator: "and" or "or" } logic
        ? EmitLogic(logic.Operator == "and", EmitCondition(logic.Left), EmitCondition(logic.Right))
        : Emit(expression).Condition();

    private string Bound(TemplateExpression? bound) => bound is null ? "null" : Emit(bound).Text;

    private Code EmitName(NameExpression name)
    {
        if (name.Name == "loop" && _loops.Count > 0 && _loops.Peek() is not null)
            throw new TemplateSyntaxException("'loop' can be used only for its attributes, like 'loop.index'.", name.Offset);
        if (macros.ContainsKey(name.Name))
            throw new TemplateSyntaxException($"The macro '{name.Name}' can only be called.", name.Offset);
        return new Code(resolve(name.Name));
    }

    private Code EmitMember(MemberExpression member)
    {
        if (member.Value is NameExpression { Name: "loop" } && _loops.Count > 0 && _loops.Peek() is { } loop)
        {
            return Vocabulary.Loop.TryGetValue(member.Name, out var attribute)
                ? new Code($"{loop}.{attribute.Member}", attribute.Type)
                : throw new TemplateSyntaxException($"'loop.{member.Name}' is not supported.", member.Offset);
        }

        return new Code($"{Emit(member.Value).Receiver()}[{CSharpText.Of(member.Name)}]");
    }

    private Code EmitUnary(UnaryExpression unary)
    {
        if (unary.Operator == "not")
            return EmitCondition(unary.Value).Not();
        var value = Emit(unary.Value);
        return unary.Operator switch
        {
            "-" when unary.Value is IntegerExpression or FloatExpression => new Code("-" + value.Text, CodeType.Number, CodeLevel.Unary),
            "-" => new Code("-" + value.Receiver(), CodeType.Value, CodeLevel.Unary),
            _ => new Code("0 + " + value.Receiver(), CodeType.Value, CodeLevel.Sum),
        };
    }

    private Code EmitBinary(BinaryExpression binary)
    {
        var (left, right) = (Emit(binary.Left), Emit(binary.Right));
        return binary.Operator switch
        {
            "and" or "or" => EmitLogic(binary.Operator == "and", left, right),
            "==" => EmitEqual(left, right),
            "!=" => EmitEqual(left, right).Not(),
            "in" => new Code($"{right.Receiver()}.Contains({left.Text})", CodeType.Boolean),
            "not in" => new Code($"{right.Receiver()}.Contains({left.Text})", CodeType.Boolean).Not(),
            "<" or "<=" or ">" or ">=" => new Code($"{left.Receiver()}.Order({right.Text}) {binary.Operator} 0", CodeType.Boolean, CodeLevel.Comparison),
            "~" => new Code($"{left.Receiver()}.Concat({right.Text})"),
            "//" => new Code($"{left.Receiver()}.FloorDivide({right.Text})"),
            "+" or "-" => EmitArithmetic(binary.Operator, CodeLevel.Sum, left, right),
            "*" or "/" or "%" => EmitArithmetic(binary.Operator, CodeLevel.Product, left, right),
            _ => throw new TemplateSyntaxException($"The operator '{binary.Operator}' is not supported.", binary.Offset),
        };
    }

    private static Code EmitEqual(Code left, Code right) => left.Type != CodeType.Value && right.Type == CodeType.Value
        ? new Code($"{right.Receiver()}.EqualTo({left.Text})", CodeType.Boolean)
        : new Code($"{left.Receiver()}.EqualTo({right.Text})", CodeType.Boolean);

    /// <summary>Both sides conditions: a condition. Otherwise the value of the side that decides, as in Python.</summary>
    private static Code EmitLogic(bool isAnd, Code left, Code right)
    {
        if (left.Type != CodeType.Boolean || right.Type != CodeType.Boolean)
            return new Code($"{left.Receiver()}.{(isAnd ? "And" : "Or")}(() => {right.Text})");
        return isAnd
            ? new Code($"{left.Operand(CodeLevel.And)} && {right.Operand(CodeLevel.Comparison)}", CodeType.Boolean, CodeLevel.And)
            : new Code($"{left.Operand(CodeLevel.Or)} || {right.Operand(CodeLevel.And)}", CodeType.Boolean, CodeLevel.Or);
    }

    private static Code EmitArithmetic(string sign, CodeLevel level, Code left, Code right)
    {
        // C# joins two strings itself; otherwise one side must be a value, so that the value's own operators are meant.
        if (sign == "+" && left.Type == CodeType.Text && right.Type == CodeType.Text)
            return new Code($"{left.Operand(level)} + {right.Operand(level - 1)}", CodeType.Text, level);
        var first = left.Type == CodeType.Value || right.Type == CodeType.Value ? left.Operand(level) : left.Receiver();
        return new Code($"{first} {sign} {right.Operand(level - 1)}", CodeType.Value, level);
    }

    private Code EmitConditional(ConditionalExpression conditional)
    {
        var condition = EmitCondition(conditional.Condition).Operand(CodeLevel.Or);
        var then = Emit(conditional.Then);
        var otherwise = conditional.Otherwise is null ? new Code(Code.ValueType + ".Undefined") : Emit(conditional.Otherwise);
        if (then.Type == otherwise.Type && then.Type is (CodeType.Text or CodeType.Boolean))
            return new Code($"{condition} ? {then.Operand(CodeLevel.Or)} : {otherwise.Operand(CodeLevel.Or)}", then.Type, CodeLevel.Conditional);
        return new Code($"{condition} ? {then.Receiver()} : {otherwise.Receiver()}", CodeType.Value, CodeLevel.Conditional);
    }

    private Code EmitTest(TestExpression test)
    {
        if (test is { Name: "defined" or "undefined", Value: NameExpression { Name: var name } } && (Vocabulary.Functions.Contains(name) || macros.ContainsKey(name)))
            return new Code(test.Name == "defined" ? "true" : "false", CodeType.Boolean);
        var value = Emit(test.Value);
        switch (test.Name)
        {
            case "undefined":
                return new Code(value.Receiver() + ".IsDefined", CodeType.Boolean).Not();
            case "true" or "false":
                return new Code($"{value.Receiver()}.SameAs({test.Name})", CodeType.Boolean);
            case "ne" when test.Arguments.Positional.Count == 1:
                return EmitEqual(value, Emit(test.Arguments.Positional[0])).Not();
            case "in" when test.Arguments.Positional.Count == 1:
                return new Code($"{Emit(test.Arguments.Positional[0]).Receiver()}.Contains({value.Text})", CodeType.Boolean);
        }

        if (!Vocabulary.Tests.TryGetValue(test.Name, out var operation))
            throw new TemplateSyntaxException($"The test '{test.Name}' is not supported.", test.Offset);
        return Apply(value, operation with { Type = CodeType.Boolean }, test.Arguments, $"test '{test.Name}'", test.Offset);
    }

    private Code EmitFilter(FilterExpression filter)
    {
        var value = Emit(filter.Value);
        if (filter.Name == "tojson")
            return EmitJson(value, filter);
        if (filter.Name == "map")
            return EmitMap(value, filter);
        if (filter.Name == "default" && filter.Arguments.Named.Count == 1 && filter.Arguments.Named[0].Name == "boolean")
            return Apply(value, Vocabulary.Filters["default"], new Arguments(filter.Arguments.Positional.Append(filter.Arguments.Named[0].Value).ToEquatableArray(), default), "filter 'default'", filter.Offset);
        if (!Vocabulary.Filters.TryGetValue(filter.Name, out var operation))
            throw new TemplateSyntaxException($"The filter '{filter.Name}' is not supported.", filter.Offset);
        CheckSelection(filter);
        return Apply(value, operation, filter.Arguments, $"filter '{filter.Name}'", filter.Offset);
    }

    /// <summary>The test that a selection names must be known when compiling.</summary>
    private static void CheckSelection(FilterExpression filter)
    {
        var place = filter.Name switch
        {
            "select" or "reject" => 0,
            "selectattr" or "rejectattr" => 1,
            _ => int.MaxValue,
        };
        if (place >= filter.Arguments.Positional.Count)
            return;
        if (filter.Arguments.Positional[place] is not StringExpression test || !Vocabulary.SelectionTests.Contains(test.Value))
            throw new TemplateSyntaxException($"The filter '{filter.Name}' with this test is not supported.", filter.Offset);
    }

    private Code EmitJson(Code value, FilterExpression filter)
    {
        var indent = "null";
        foreach (var argument in filter.Arguments.Named)
        {
            if (argument.Name == "indent")
                indent = Emit(argument.Value).Text;
            else if (argument is not ({ Name: "ensure_ascii" or "sort_keys", Value: BooleanExpression { Value: false } }))
                throw new TemplateSyntaxException($"The argument '{argument.Name}' of 'tojson' is not supported.", argument.Offset);
        }

        if (filter.Arguments.Positional.Count > 0)
            throw new TemplateSyntaxException("'tojson' takes its arguments by name.", filter.Offset);
        return new Code($"{value.Receiver()}.ToJson({indent})");
    }

    private Code EmitMap(Code value, FilterExpression filter) => filter.Arguments is { Positional.Count: 0, Named.Count: 1 } && filter.Arguments.Named[0].Name == "attribute"
        ? new Code($"{value.Receiver()}.MapAttribute({Emit(filter.Arguments.Named[0].Value).Text})")
        : throw new TemplateSyntaxException("'map' is supported only as map(attribute=...).", filter.Offset);

    private Code EmitCall(CallExpression call) => call.Callee switch
    {
        NameExpression name when macros.TryGetValue(name.Name, out var macro) => EmitMacroCall(macro, call),
        NameExpression name => EmitFunction(name.Name, call),
        MemberExpression { Name: "join" } join => Apply(Emit(Single(call)), Vocabulary.Filters["join"], new Arguments(EquatableArray.Create(join.Value), default), "method 'join'", call.Offset),
        MemberExpression member when Vocabulary.Methods.TryGetValue(member.Name, out var operation) =>
            Apply(Emit(member.Value), operation, call.Arguments, $"method '{member.Name}'", member.Offset),
        MemberExpression member => throw new TemplateSyntaxException($"The method '{member.Name}' is not supported.", member.Offset),
        _ => throw new TemplateSyntaxException("This cannot be called.", call.Offset),
    };

    private static TemplateExpression Single(CallExpression call) => call.Arguments is { Positional.Count: 1, Named.Count: 0 }
        ? call.Arguments.Positional[0]
        : throw new TemplateSyntaxException("One argument is expected here.", call.Offset);

    private Code EmitFunction(string name, CallExpression call)
    {
        switch (name)
        {
            case "raise_exception":
                return new Code($"{Code.ValueType}.Raise({Emit(Single(call)).Text})");
            case "strftime_now":
                return new Code($"request.FormatNow({Emit(Single(call)).Text})");
            case "namespace" or "dict" when call.Arguments.Positional.Count == 0:
                var entries = call.Arguments.Named.Select(argument => $"({CSharpText.Of(argument.Name)}, {Emit(argument.Value).Text})");
                return new Code($"{Code.ValueType}.{(name == "dict" ? "Map" : "Namespace")}({string.Join(", ", entries)})");
            case "range" when call.Arguments is { Positional.Count: >= 1 and <= 3, Named.Count: 0 }:
                return new Code($"{Code.ValueType}.Range({string.Join(", ", call.Arguments.Positional.Select(argument => Emit(argument).Text))})");
            default:
                throw new TemplateSyntaxException($"The function '{name}', called like this, is not supported.", call.Offset);
        }
    }

    private Code EmitMacroCall(MacroStatement macro, CallExpression call)
    {
        // A macro's body may call one that is defined behind it: it runs later.
        if (!_defined.Contains(macro.Name) && !_loops.Contains(null))
            throw new TemplateSyntaxException($"The macro '{macro.Name}' is called before it is defined.", call.Offset);
        var named = call.Arguments.Named.ToDictionary(argument => argument.Name);
        if (macro.Parameters.Take(call.Arguments.Positional.Count).FirstOrDefault(parameter => named.ContainsKey(parameter.Name)) is { } twice)
            throw new TemplateSyntaxException($"The argument '{twice.Name}' is given twice.", named[twice.Name].Offset);
        if (call.Arguments.Positional.Count > macro.Parameters.Count || named.Keys.Any(name => macro.Parameters.All(parameter => parameter.Name != name)))
            throw new TemplateSyntaxException($"The macro '{macro.Name}' has no such parameter.", call.Offset);
        var arguments = macro.Parameters.Select((parameter, i) =>
            i < call.Arguments.Positional.Count ? Emit(call.Arguments.Positional[i]).Text
            : named.TryGetValue(parameter.Name, out var argument) ? Emit(argument.Value).Text
            : parameter.Default is null ? Code.ValueType + ".Undefined"
            : EmitDefault(parameter));
        return new Code($"{MacroName(macro.Name)}({string.Join(", ", arguments)})");
    }

    private string EmitDefault(MacroParameter parameter) =>
        parameter.Default is StringExpression or IntegerExpression or FloatExpression or BooleanExpression or NoneExpression or ListExpression { Items.Count: 0 }
            ? Emit(parameter.Default).Text
            : throw new TemplateSyntaxException($"The default of '{parameter.Name}' is not a constant; that is not supported.", parameter.Default!.Offset);

    private Code Apply(Code value, Operation operation, Arguments arguments, string what, int offset)
    {
        if (arguments.Named.Count > 0)
            throw new TemplateSyntaxException($"The {what} with the argument '{arguments.Named[0].Name}' is not supported.", arguments.Named[0].Offset);
        if (arguments.Positional.Count < operation.Least || arguments.Positional.Count > operation.Most)
            throw new TemplateSyntaxException($"The {what} with {arguments.Positional.Count} arguments is not supported.", offset);
        var list = string.Join(", ", arguments.Positional.Select(argument => Emit(argument).Text));
        return new Code($"{value.Receiver()}.{operation.Member.Replace("()", $"({list})")}", operation.Type);
    }
}
