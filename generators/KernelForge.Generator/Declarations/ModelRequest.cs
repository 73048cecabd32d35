using KernelForge.Generator.Diagnostics;

namespace KernelForge.Generator.Declarations;

/// <summary>An item whose text has been understood, seen beside the others.</summary>
/// <param name="Item">As it came.</param>
/// <param name="Name">The class, or null where the name is none.</param>
/// <param name="IsFirst">No earlier item asks for the same class.</param>
/// <param name="Options">What the user chose.</param>
/// <param name="Problems">What is wrong with the item.</param>
internal sealed record ModelRequest(ModelItem Item, ClassName? Name, bool IsFirst, ModelCompilerOptions? Options, EquatableArray<ModelProblem> Problems)
{
    /// <summary>One request an item. Names that differ only by case count as equal: their files would overwrite each other on some systems.</summary>
    public static IEnumerable<ModelRequest> Of(IEnumerable<ModelItem> items)
    {
        var taken = new Dictionary<string, ModelItem>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in items.OrderBy(item => item.Path, StringComparer.Ordinal))
        {
            var problems = new List<ModelProblem>();
            if (ClassName.Parse(item.Class) is not { } name)
            {
                problems.Add(ModelCompiler.ClassNameProblem(item.Class));
                yield return new(item, null, IsFirst: false, null, problems.ToEquatableArray());
                continue;
            }

            var isFirst = !taken.TryGetValue(name.FullName, out var earlier);
            if (isFirst)
                taken.Add(name.FullName, item);
            else
                problems.Add(new(GeneratorCodes.ClassDeclaredTwice, $"{item.SourceName} and {earlier!.SourceName} both ask for the class {name.FullName}. Give one of the KernelForgeModel items another Class."));
            var options = item.ReadOptions(name, problems);
            yield return new(item, name, isFirst, options, problems.ToEquatableArray());
        }
    }
}
