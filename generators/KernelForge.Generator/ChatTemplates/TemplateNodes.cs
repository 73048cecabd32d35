namespace KernelForge.Generator.ChatTemplates;

/// <summary>A statement of a template.</summary>
/// <param name="Offset">Where it begins in the template.</param>
internal abstract record TemplateStatement(int Offset);

/// <summary>Text outside of tags.</summary>
internal sealed record TextStatement(string Text, int Offset) : TemplateStatement(Offset);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record OutputStatement(TemplateExpression Value, int Offset) : TemplateStatement(Offset);

/// <summary><c>if</c>, its <c>elif</c>s and its <c>else</c>.</summary>
internal sealed record IfStatement(EquatableArray<IfBranch> Branches, EquatableArray<TemplateStatement> Else, int Offset) : TemplateStatement(Offset);

/// <summary>A condition and what happens where it holds.</summary>
internal sealed record IfBranch(TemplateExpression Condition, EquatableArray<TemplateStatement> Body);

/// <summary><c>for targets in items if filter</c>.</summary>
internal sealed record ForStatement(
    EquatableArray<string> Targets,
    TemplateExpression Items,
    TemplateExpression? Filter,
    EquatableArray<TemplateStatement> Body,
    EquatableArray<TemplateStatement> Else,
    int Offset) : TemplateStatement(Offset);

/// <summary><c>set name = value</c>, or <c>set name.attribute = value</c>.</summary>
internal sealed record SetStatement(string Name, string? Attribute, TemplateExpression Value, int Offset) : TemplateStatement(Offset);

/// <summary><c>set name</c> ... <c>endset</c>.</summary>
internal sealed record CaptureStatement(string Name, EquatableArray<TemplateStatement> Body, int Offset) : TemplateStatement(Offset);

/// <summary><c>macro name(parameters)</c>.</summary>
internal sealed record MacroStatement(string Name, EquatableArray<MacroParameter> Parameters, EquatableArray<TemplateStatement> Body, int Offset)
    : TemplateStatement(Offset);

/// <summary>A macro's parameter; without a default it is undefined where no argument is given.</summary>
internal sealed record MacroParameter(string Name, TemplateExpression? Default);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record JumpStatement(bool IsBreak, int Offset) : TemplateStatement(Offset);

/// <summary>An expression of a template.</summary>
/// <param name="Offset">Where it begins in the template.</param>
internal abstract record TemplateExpression(int Offset);

/// <summary>A text.</summary>
internal sealed record StringExpression(string Value, int Offset) : TemplateExpression(Offset);

/// <summary>An integer.</summary>
internal sealed record IntegerExpression(long Value, int Offset) : TemplateExpression(Offset);

/// <summary>A floating-point number.</summary>
internal sealed record FloatExpression(double Value, int Offset) : TemplateExpression(Offset);

/// <summary><c>true</c>, <c>false</c>.</summary>
internal sealed record BooleanExpression(bool Value, int Offset) : TemplateExpression(Offset);

/// <summary><c>none</c>.</summary>
internal sealed record NoneExpression(int Offset) : TemplateExpression(Offset);

/// <summary>A variable.</summary>
internal sealed record NameExpression(string Name, int Offset) : TemplateExpression(Offset);

/// <summary>A list or a tuple.</summary>
internal sealed record ListExpression(EquatableArray<TemplateExpression> Items, int Offset) : TemplateExpression(Offset);

/// <summary>A dictionary.</summary>
internal sealed record MapExpression(EquatableArray<MapEntry> Entries, int Offset) : TemplateExpression(Offset);

/// <summary>A key and its value.</summary>
internal sealed record MapEntry(TemplateExpression Key, TemplateExpression Value);

/// <summary><c>value.name</c>.</summary>
internal sealed record MemberExpression(TemplateExpression Value, string Name, int Offset) : TemplateExpression(Offset);

/// <summary><c>value[key]</c>.</summary>
internal sealed record IndexExpression(TemplateExpression Value, TemplateExpression Key, int Offset) : TemplateExpression(Offset);

/// <summary><c>value[start:stop:step]</c>.</summary>
internal sealed record SliceExpression(TemplateExpression Value, TemplateExpression? Start, TemplateExpression? Stop, TemplateExpression? Step, int Offset)
    : TemplateExpression(Offset);

/// <summary><c>name(arguments)</c> or <c>value.name(arguments)</c>.</summary>
internal sealed record CallExpression(TemplateExpression Callee, Arguments Arguments, int Offset) : TemplateExpression(Offset);

/// <summary><c>value | name(arguments)</c>.</summary>
internal sealed record FilterExpression(TemplateExpression Value, string Name, Arguments Arguments, int Offset) : TemplateExpression(Offset);

/// <summary><c>value is name(arguments)</c>.</summary>
internal sealed record TestExpression(TemplateExpression Value, string Name, Arguments Arguments, bool IsNegated, int Offset) : TemplateExpression(Offset);

/// <summary><c>not value</c>, <c>-value</c>, <c>+value</c>.</summary>
internal sealed record UnaryExpression(string Operator, TemplateExpression Value, int Offset) : TemplateExpression(Offset);

/// <summary><c>left operator right</c>; <c>not in</c> is one operator.</summary>
internal sealed record BinaryExpression(string Operator, TemplateExpression Left, TemplateExpression Right, int Offset) : TemplateExpression(Offset);

/// <summary><c>then if condition else otherwise</c>.</summary>
internal sealed record ConditionalExpression(TemplateExpression Condition, TemplateExpression Then, TemplateExpression? Otherwise, int Offset)
    : TemplateExpression(Offset);

/// <summary>Arguments by place, and by name.</summary>
internal sealed record Arguments(EquatableArray<TemplateExpression> Positional, EquatableArray<NamedArgument> Named)
{
    /// <summary>No arguments.</summary>
    public static Arguments None { get; } = new(default, default);
}

/// <summary><c>name=value</c>.</summary>
internal sealed record NamedArgument(string Name, TemplateExpression Value, int Offset);
