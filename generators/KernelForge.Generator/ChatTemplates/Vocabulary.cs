namespace KernelForge.Generator.ChatTemplates;

/// <summary>A filter or method of templates and the member of <c>TemplateValue</c> that does it.</summary>
/// <param name="Member">The member; with parentheses it is called, without it is a property.</param>
/// <param name="Least">Fewest arguments.</param>
/// <param name="Most">Most arguments.</param>
/// <param name="Type">What it gives.</param>
internal sealed record Operation(string Member, int Least = 0, int Most = 0, CodeType Type = CodeType.Value);

/// <summary>The filters, tests and methods that are supported. One that is not listed is a build error at its place.</summary>
internal static class Vocabulary
{
    /// <summary><c>value | name</c>.</summary>
    public static readonly Dictionary<string, Operation> Filters = new()
    {
        ["trim"] = new("Trim()", 0, 1),
        ["length"] = new("Size"),
        ["count"] = new("Size"),
        ["upper"] = new("ToUpper()"),
        ["lower"] = new("ToLower()"),
        ["capitalize"] = new("Capitalize()"),
        ["title"] = new("TitleWords()"),
        ["string"] = new("ToText()"),
        ["int"] = new("ToInteger()"),
        ["float"] = new("ToFloat()"),
        ["list"] = new("ToList()"),
        ["first"] = new("First()"),
        ["last"] = new("Last()"),
        ["min"] = new("Min()"),
        ["max"] = new("Max()"),
        ["reverse"] = new("Reverse()"),
        ["items"] = new("Items()"),
        ["join"] = new("Join()", 0, 1),
        ["replace"] = new("Replace()", 2, 2),
        ["default"] = new("Default()", 1, 2),
        ["d"] = new("Default()", 1, 2),
        ["safe"] = new("ToText()"),
        ["select"] = new("Select()", 1, 2),
        ["reject"] = new("Reject()", 1, 2),
        ["selectattr"] = new("SelectAttribute()", 1, 3),
        ["rejectattr"] = new("RejectAttribute()", 1, 3),
    };

    /// <summary><c>value.name()</c>.</summary>
    public static readonly Dictionary<string, Operation> Methods = new()
    {
        ["strip"] = new("Trim()", 0, 1),
        ["lstrip"] = new("TrimStart()", 0, 1),
        ["rstrip"] = new("TrimEnd()", 0, 1),
        ["split"] = new("Split()", 0, 2),
        ["replace"] = new("Replace()", 2, 2),
        ["upper"] = new("ToUpper()"),
        ["lower"] = new("ToLower()"),
        ["capitalize"] = new("Capitalize()"),
        ["title"] = new("Title()"),
        ["startswith"] = new("StartsWith()", 1, 1, CodeType.Boolean),
        ["endswith"] = new("EndsWith()", 1, 1, CodeType.Boolean),
        ["items"] = new("Items()"),
        ["keys"] = new("Keys()"),
        ["values"] = new("Values()"),
        ["get"] = new("Get()", 1, 2),
    };

    /// <summary><c>value is name</c>.</summary>
    public static readonly Dictionary<string, Operation> Tests = new()
    {
        ["defined"] = new("IsDefined"),
        ["none"] = new("IsNone"),
        ["string"] = new("IsText"),
        ["mapping"] = new("IsMap"),
        ["iterable"] = new("IsIterable"),
        ["sequence"] = new("IsSequence"),
        ["number"] = new("IsNumber"),
        ["integer"] = new("IsInteger"),
        ["boolean"] = new("IsBoolean"),
        ["eq"] = new("EqualTo()", 1, 1),
        ["equalto"] = new("EqualTo()", 1, 1),
        ["sameas"] = new("SameAs()", 1, 1),
    };

    /// <summary>Functions, which are defined although they are no variables.</summary>
    public static readonly HashSet<string> Functions = ["raise_exception", "strftime_now", "namespace", "dict", "range"];

    /// <summary>Names that <c>select</c> and its kin can test by.</summary>
    public static readonly HashSet<string> SelectionTests = ["defined", "undefined", "none", "string", "mapping", "true", "false", "eq", "equalto", "==", "ne", "!=", "in"];

    /// <summary>Attributes of <c>loop</c>.</summary>
    public static readonly Dictionary<string, Operation> Loop = new()
    {
        ["index"] = new("Index"),
        ["index0"] = new("Index0"),
        ["revindex"] = new("ReverseIndex"),
        ["revindex0"] = new("ReverseIndex0"),
        ["length"] = new("Length"),
        ["previtem"] = new("Previous"),
        ["nextitem"] = new("Following"),
        ["first"] = new("IsFirst", Type: CodeType.Boolean),
        ["last"] = new("IsLast", Type: CodeType.Boolean),
    };
}
