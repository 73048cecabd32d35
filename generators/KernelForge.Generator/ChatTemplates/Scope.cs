using KernelForge.Language;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>The variables of a template's scope: the template, a loop's body, a macro or a captured block.</summary>
internal sealed class Scope
{
    private readonly Scope? _parent;
    private readonly IdentifierPool _identifiers;
    private readonly Dictionary<string, string> _declared = [];
    private readonly HashSet<string> _assigned;

    public Scope(Scope? parent, IdentifierPool identifiers, EquatableArray<TemplateStatement> body)
    {
        _parent = parent;
        _identifiers = identifiers;
        _assigned = [];
        Collect(body);
    }

    /// <summary>Whether this is the template itself.</summary>
    public bool IsTemplate => _parent is null;

    /// <summary>Declarations that belong at the start of the scope, in the order in which they were found to be needed.</summary>
    public List<string> Prologue { get; } = [];

    /// <summary>Declares a variable of this scope, e.g. a loop's target; returns its name in C#.</summary>
    public string Declare(string name)
    {
        _assigned.Remove(name);
        return _declared[name] = _identifiers.Unique(CSharpName.Of(name));
    }

    /// <summary>Lets a name stand for a C# expression.</summary>
    public void Alias(string name, string expression) => _declared[name] = expression;

    /// <summary>The C# name of a variable that is read, or set where it may not be set every time.</summary>
    public string Resolve(string name)
    {
        if (_declared.TryGetValue(name, out var known))
            return known;

        // A name that this scope sets begins as what it is outside: for each iteration of a loop anew.
        if (_parent is not null)
        {
            var outer = _parent.Resolve(name);
            if (!_assigned.Contains(name))
                return outer;
            var own = Declare(name);
            Prologue.Add($"var {own} = {outer};");
            return own;
        }

        var variable = Declare(name);
        Prologue.Add($"var {variable} = request[{CSharpText.Of(name)}];");
        return variable;
    }

    /// <summary>Whether setting this name now, in a statement that is always reached, can declare it.</summary>
    public bool CanDeclare(string name) => _assigned.Contains(name);

    private void Collect(EquatableArray<TemplateStatement> body)
    {
        foreach (var statement in body)
        {
            if (statement is SetStatement { Attribute: null } set)
            {
                _assigned.Add(set.Name);
            }
            else if (statement is CaptureStatement capture)
            {
                _assigned.Add(capture.Name);
            }
            else if (statement is IfStatement branches)
            {
                foreach (var branch in branches.Branches)
                    Collect(branch.Body);
                Collect(branches.Else);
            }
        }
    }
}

/// <summary>Gives every variable of the method a name of its own: C# forbids an inner one to hide an outer one.</summary>
internal sealed class IdentifierPool
{
    private readonly HashSet<string> _used = ["output", "request"];

    /// <summary>The name, with a number behind it where it is taken.</summary>
    public string Unique(string name)
    {
        var unique = name;
        for (var i = 2; !_used.Add(unique); i++)
            unique = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return unique;
    }
}
