namespace KernelForge;

/// <summary>
/// Says that a partial class is a model whose graph is declared in C#, by its method <c>static Graph Define()</c> (docs/graph-language.md). The weights are
/// those of the <c>KernelForgeModel</c> item that names the class. The method is read by the generator and never run.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TransformerGraphAttribute : Attribute
{
    /// <summary>The weights as the item's <c>Include</c> names them: a check for the reader's eye. May be left out.</summary>
    public string? Weights { get; set; }

    /// <summary>How keys and values are cached unless somebody chooses when loading; where this is left out, as the item's <c>Kv</c> says.</summary>
    public KeyValueFormat Cache { get; set; }
}
