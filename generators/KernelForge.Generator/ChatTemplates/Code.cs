namespace KernelForge.Generator.ChatTemplates;

/// <summary>The C# type of an emitted expression.</summary>
internal enum CodeType
{
    /// <summary><c>TemplateValue</c>.</summary>
    Value,

    /// <summary><c>bool</c>.</summary>
    Boolean,

    /// <summary><c>string</c>: text of the template.</summary>
    Text,

    /// <summary>A number literal.</summary>
    Number,
}

/// <summary>How tightly an emitted expression binds; smaller binds tighter.</summary>
internal enum CodeLevel
{
    /// <summary>Needs no parentheses anywhere.</summary>
    Primary,

    /// <summary>Unary operators.</summary>
    Unary,

    /// <summary><c>*</c>, <c>/</c>, <c>%</c>.</summary>
    Product,

    /// <summary><c>+</c>, <c>-</c>.</summary>
    Sum,

    /// <summary>Comparisons.</summary>
    Comparison,

    /// <summary><c>&amp;&amp;</c>.</summary>
    And,

    /// <summary><c>||</c>.</summary>
    Or,

    /// <summary><c>?:</c>.</summary>
    Conditional,
}

/// <summary>An emitted C# expression.</summary>
/// <param name="Text">The C#.</param>
/// <param name="Type">Its type.</param>
/// <param name="Level">How tightly it binds.</param>
internal readonly record struct Code(string Text, CodeType Type = CodeType.Value, CodeLevel Level = CodeLevel.Primary)
{
    /// <summary>The type that templates compute with.</summary>
    public const string ValueType = "global::KernelForge.Text.TemplateValue";

    /// <summary>As the operand of an operator of the given level.</summary>
    public string Operand(CodeLevel level) => Level <= level ? Text : $"({Text})";

    /// <summary>As a <c>TemplateValue</c> that a member is asked of.</summary>
    public string Receiver() => Type == CodeType.Value ? Operand(CodeLevel.Primary) : $"(({ValueType}){Operand(CodeLevel.Primary)})";

    /// <summary>As a <c>bool</c>: whether the value is true.</summary>
    public Code Condition() => Type == CodeType.Boolean ? this : new Code(Receiver() + ".IsTrue", CodeType.Boolean);

    /// <summary>The opposite of a condition.</summary>
    public Code Not() => new("!" + Condition().Operand(CodeLevel.Unary), CodeType.Boolean, CodeLevel.Unary);
}
