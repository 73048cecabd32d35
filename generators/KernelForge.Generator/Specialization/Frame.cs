namespace KernelForge.Generator.Specialization;

/// <summary>What the names of one method stand for while it is printed: the method that is asked for, or one inlined into it.</summary>
internal sealed class Frame
{
    private readonly Dictionary<string, Fragment> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RegisterArray> registers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> renamed = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    /// <summary>A frame for a method, inside the frame of the method it is inlined into, if any. Locals whose names are taken there get others.</summary>
    public Frame(TemplateMethod method, string? epilogue, Frame? outer)
        : this(method.Container, epilogue)
    {
        if (outer is not null)
        {
            taken.UnionWith(outer.taken);
        }
        foreach (var name in method.DeclaredNames)
        {
            var free = name;
            for (var i = 2; outer is not null && outer.IsTaken(free); i++)
            {
                free = name + "_" + i;
            }
            if (free != name)
            {
                renamed.Add(name, free);
            }
            taken.Add(free);
        }
    }

    /// <summary>A frame for an expression that stands in no method.</summary>
    public Frame(TemplateClass container, string? epilogue)
    {
        Container = container;
        Epilogue = epilogue;
    }

    public TemplateClass Container { get; }

    public string? Epilogue { get; }

    /// <summary>The name under which a local is declared.</summary>
    public string Local(string name) => renamed.TryGetValue(name, out var other) ? other : name;

    /// <summary>From here on the name stands for an expression.</summary>
    public void Bind(string name, Fragment value) => values[name] = value;

    /// <summary>From here on the name stands for a register array.</summary>
    public void Bind(string name, RegisterArray array) => registers[name] = array;

    /// <summary>From here on the name is a local again; a sibling block may have had a constant of that name.</summary>
    public void Unbind(string name)
    {
        values.Remove(name);
        registers.Remove(name);
    }

    public bool TryGetValue(string name, out Fragment value) => values.TryGetValue(name, out value);

    public bool TryGetRegisters(string name, out RegisterArray array) => registers.TryGetValue(name, out array!);

    /// <summary>Declares the locals of a register array, named so that no other local is in their way.</summary>
    public RegisterArray Declare(string name, int count)
    {
        var prefix = Local(name);
        while (taken.Any(other => other.Length > prefix.Length && other.StartsWith(prefix, StringComparison.Ordinal) && char.IsDigit(other[prefix.Length])))
        {
            prefix += "_";
        }
        var array = new RegisterArray(prefix, count);
        Bind(name, array);
        return array;
    }

    /// <summary>A local of this name, or a register of an array of this name, would clash.</summary>
    private bool IsTaken(string name) => taken.Contains(name) || taken.Contains(name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'));
}
