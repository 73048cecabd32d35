using KernelForge.Generator.Declarations;
using KernelForge.Generator.Diagnostics;
using KernelForge.Language;
using KernelForge.Plans;

namespace KernelForge.Generator.GraphReading;

/// <summary>A class with a declared graph, as it was read: what the plan depends on, and where it stands. Compared by value; keeps no syntax alive.</summary>
/// <param name="Graph">What the plan depends on.</param>
/// <param name="Places">Where it stands.</param>
/// <param name="Problems">Why it could not be read.</param>
internal sealed record ReadGraph(DeclaredGraph Graph, GraphPlaces Places, EquatableArray<ProblemReport> Problems);

/// <summary>What the plan of a class depends on: an edit that moves the declaration, or says the same otherwise, leaves it as it is.</summary>
/// <param name="FullName">Of the class.</param>
/// <param name="Weights">As the attribute names them, or null.</param>
/// <param name="Cache">As the attribute says, or null.</param>
/// <param name="IsEncoder">It says <c>Graph.Encoder</c>, also where it could not be read.</param>
/// <param name="Declaration">The graph; null where it could not be read.</param>
internal sealed record DeclaredGraph(string FullName, string? Weights, CacheFormat? Cache, bool IsEncoder, GraphDeclaration? Declaration);

/// <summary>Where a declaration stands.</summary>
/// <param name="Class">Name of the class.</param>
/// <param name="Weights">Of the weights in the attribute, or the name of the class.</param>
/// <param name="Root">The call that begins the graph.</param>
/// <param name="Parts">Of each part, in their order.</param>
internal sealed record GraphPlaces(SourcePlace Class, SourcePlace Weights, CallPlaces Root, EquatableArray<CallPlaces> Parts)
{
    /// <summary>The place of a problem of a part; -1: of the whole.</summary>
    public SourcePlace Of(int part, string? argument)
    {
        var call = part >= 0 && part < Parts.Count ? Parts[part] : Root;
        // The first argument of Layers says which, whatever it is called; a branch is the one that its call has.
        string?[] names = argument switch { "layers" => ["layers", "count"], "branch" => ["branch", "first", "second"], _ => [argument] };
        return names.Select(name => call.Arguments.FirstOrDefault(place => place.Name == name)?.Place).FirstOrDefault(place => place is not null) ?? Fallback(call, argument);
    }

    // A size of the whole is asked for by parts too: the learned positions need the context.
    private SourcePlace Fallback(CallPlaces call, string? argument) => argument == "context" ? Root.Of(argument) : call.Name;
}
