using System.Text;

namespace KernelForge.Generator.Specialization;

/// <summary>The methods of a specialised class: first those that were asked for, then what these call, in the order in which it is met.</summary>
/// <param name="instructionSet">Its methods keep their own names and come last.</param>
internal sealed class InstanceTable(string instructionSet)
{
    private readonly List<MethodInstance> all = [];
    private readonly Dictionary<string, MethodInstance> byKey = new(StringComparer.Ordinal);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private int requested;

    public int Count => all.Count;

    public MethodInstance this[int index] => all[index];

    /// <summary>Adds a method with a name of its own, or finds an equal one.</summary>
    public string Request(TemplateMethod method, string name, IReadOnlyList<Fragment> constants, string? epilogue)
    {
        DiscardHelpers();
        var key = Key(method, constants, epilogue);
        if (byKey.TryGetValue(key, out var equal))
        {
            return equal.Name;
        }
        if (names.Contains(name))
        {
            throw new TemplateException($"Two different methods are to be called '{name}': {key} is the second.");
        }
        Add(new MethodInstance(name, method, constants, epilogue, isRequested: true), key);
        requested = all.Count;
        return name;
    }

    /// <summary>Adds a method that another one calls.</summary>
    public string Add(TemplateMethod method, IReadOnlyList<Fragment> constants, string? epilogue)
    {
        var key = Key(method, constants, epilogue);
        if (!byKey.TryGetValue(key, out var instance))
        {
            instance = new MethodInstance(FreeName(NameOf(method, constants, epilogue)), method, constants, epilogue, isRequested: false);
            Add(instance, key);
        }
        return instance.Name;
    }

    /// <summary>Forgets what an earlier rendering added.</summary>
    public void DiscardHelpers()
    {
        if (all.Count == requested)
        {
            return;
        }
        foreach (var helper in all.Skip(requested))
        {
            names.Remove(helper.Name);
            byKey.Remove(Key(helper.Method, helper.Constants, helper.Epilogue));
        }
        all.RemoveRange(requested, all.Count - requested);
    }

    public string Join(int indent)
    {
        var result = new StringBuilder();
        var ordered = all.Where(i => !IsInstructionSet(i)).Concat(all.Where(IsInstructionSet).OrderBy(i => i.Name, StringComparer.Ordinal));
        foreach (var instance in ordered)
        {
            if (result.Length > 0)
            {
                result.Append('\n');
            }
            instance.WriteTo(result, indent);
        }
        return result.ToString();
    }

    private void Add(MethodInstance instance, string key)
    {
        all.Add(instance);
        byKey.Add(key, instance);
        names.Add(instance.Name);
    }

    private bool IsInstructionSet(MethodInstance instance) => !instance.IsRequested && instance.Method.Container.IsInstructionSet;

    private string NameOf(TemplateMethod method, IReadOnlyList<Fragment> constants, string? epilogue)
    {
        var name = new StringBuilder();
        if (method.Container.Name != instructionSet)
        {
            name.Append(method.Container.Name).Append('_');
        }
        name.Append(method.Syntax.Identifier.ValueText);
        foreach (var constant in constants)
        {
            name.Append('_').Append(constant.Text.Substring(constant.Text.LastIndexOf('.') + 1).Replace('-', 'm'));
        }
        if (epilogue is not null)
        {
            name.Append('_').Append(epilogue);
        }
        return name.ToString();
    }

    private string FreeName(string name)
    {
        var free = name;
        for (var i = 2; names.Contains(free); i++)
        {
            free = name + "_" + i;
        }
        return free;
    }

    private static string Key(TemplateMethod method, IReadOnlyList<Fragment> constants, string? epilogue) =>
        constants.Count == 0 && epilogue is null ? method.FullName : $"{method.FullName}({string.Join(", ", constants.Select(c => c.Text))}) {epilogue}".TrimEnd();
}
