using System.Collections.Concurrent;

namespace KernelForge.Generator.Specialization;

/// <summary>The kernel templates, annotated by our own build, each parsed once.</summary>
public sealed class TemplateLibrary
{
    /// <summary>Names that begin with this belong to the instruction-set class of the specialiser.</summary>
    internal const string InstructionSetPrefix = "Simd.";

    private const string ResourceName = "KernelForge.Templates";
    private static readonly Lazy<TemplateLibrary> Shared = new(ReadResource);
    private readonly ConcurrentDictionary<string, TemplateMethod> methods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TemplateMethod, bool> epilogueUsers = new();
    private readonly Dictionary<string, TemplateClass> classes;
    private readonly Dictionary<string, IReadOnlyDictionary<string, long>> enums;

    internal TemplateLibrary(Dictionary<string, TemplateClass> classes, Dictionary<string, IReadOnlyDictionary<string, long>> enums)
    {
        this.classes = classes;
        this.enums = enums;
    }

    /// <summary>The templates of <c>kernels/KernelForge.Kernels</c> as they were when this assembly was built.</summary>
    public static TemplateLibrary Default => Shared.Value;

    /// <summary>Names of the template classes.</summary>
    public IEnumerable<string> Classes => classes.Keys.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>Reads what <c>KernelForge.Templates</c> wrote.</summary>
    /// <param name="resource">Texts and annotations.</param>
    public static TemplateLibrary Parse(string resource) => new ResourceParser(resource).Parse();

    /// <summary>Begins to parse the templates. A plan is made meanwhile; what is asked for before it is parsed is waited for.</summary>
    internal static void Prepare() => _ = Task.Run(() => Default.classes.Values.AsParallel().ForAll(container => container.Parse()));

    internal TemplateClass Class(string name) =>
        classes.TryGetValue(name, out var found) ? found : throw new TemplateException($"There is no template class '{name}'. There are: {string.Join(", ", Classes)}.");

    /// <summary>A template method by its name, <c>Class.Method</c>.</summary>
    internal TemplateMethod Method(string fullName) => methods.GetOrAdd(fullName, ReadMethod);

    /// <summary>The epilogue hole is in the method or in one it calls.</summary>
    internal bool UsesEpilogue(TemplateMethod method) => epilogueUsers.GetOrAdd(method, _ => method.HasHole
        || method.Callees.Any(callee => !callee.StartsWith(InstructionSetPrefix, StringComparison.Ordinal) && UsesEpilogue(Method(callee))));

    /// <summary>The members of an enum that occurs in the templates.</summary>
    internal IReadOnlyDictionary<string, long> Members(string type) => enums[type];

    private TemplateMethod ReadMethod(string fullName)
    {
        var dot = fullName.IndexOf('.');
        var container = Class(fullName.Substring(0, Math.Max(dot, 0)));
        var name = fullName.Substring(dot + 1);
        return new TemplateMethod(container, container.Method(name) ?? throw new TemplateException($"{container.Path}: '{container.Name}' has no method '{name}'."));
    }

    private static TemplateLibrary ReadResource()
    {
        using var stream = typeof(TemplateLibrary).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new TemplateException($"The resource '{ResourceName}' is missing from this assembly.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }
}
