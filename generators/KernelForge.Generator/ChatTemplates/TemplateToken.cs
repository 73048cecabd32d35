namespace KernelForge.Generator.ChatTemplates;

/// <summary>What a token of a template is.</summary>
internal enum TokenType
{
    /// <summary>Text outside of tags.</summary>
    Text,

    /// <summary>An opening <c>{{</c>.</summary>
    OpenOutput,

    /// <summary>An opening <c>{%</c>.</summary>
    OpenTag,

    /// <summary>A closing <c>}}</c> or <c>%}</c>.</summary>
    Close,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A text literal, its escapes resolved.</summary>
    String,

    /// <summary>An integer literal.</summary>
    Integer,

    /// <summary>A floating-point literal.</summary>
    Float,

    /// <summary>An operator or a bracket.</summary>
    Symbol,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>One token.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Text">Its text or value.</param>
/// <param name="Offset">Where it begins in the template.</param>
internal readonly record struct TemplateToken(TokenType Type, string Text, int Offset)
{
    /// <summary>Whether this is the given operator or bracket.</summary>
    public bool Is(string symbol) => Type == TokenType.Symbol && Text == symbol;

    /// <summary>Whether this is the given keyword.</summary>
    public bool IsName(string name) => Type == TokenType.Name && Text == name;
}
