using System.Text;

namespace KernelForge.Language;

/// <summary>Prints a declaration as the C# that a user would write: equal layers once, a method for each kind where kinds alternate.</summary>
public sealed class DeclarationPrinter
{
    // As many groups of equal layers read well one after another; more of them become a choice by the layer's number.
    private const int MostRuns = 3;

    private readonly GraphDeclaration _declaration;
    private readonly LayerForms _forms;
    private readonly List<Rope> _named = [];

    private DeclarationPrinter(GraphDeclaration declaration)
    {
        _declaration = declaration;
        _forms = new LayerForms(declaration.Parts.OfType<LayerPart>().ToList());
        var inForms = _forms.Forms.SelectMany(form => new GraphDeclaration(0, 0, 0, form).AllParts()).Select(RopeOf).Where(rope => rope is not null).ToList();
        _named.AddRange(inForms.Where(rope => inForms.Count(other => other == rope) > 1).Distinct()!);
    }

    /// <summary>Prints a declaration.</summary>
    /// <param name="declaration">The declaration.</param>
    /// <param name="className">Full name of the class.</param>
    /// <param name="summary">A line about the model.</param>
    public static string Print(GraphDeclaration declaration, string className, string summary) => new DeclarationPrinter(declaration).Print(className, summary);

    private string Print(string className, string summary)
    {
        var text = new StringBuilder("using KernelForge;\nusing KernelForge.Modeling;\n\n");
        var dot = className.LastIndexOf('.');
        if (dot > 0)
            text.Append("namespace ").Append(className.Substring(0, dot)).Append(";\n\n");
        text.Append("/// <summary>").Append(Comment(summary)).Append("</summary>\n[TransformerGraph]\npublic partial class ").Append(className.Substring(dot + 1)).Append("\n{\n");
        foreach (var rope in _named)
            text.Append("    static readonly Rope ").Append(NameOf(rope)).Append(" = ").Append(Inline(rope)).Append(";\n\n");
        var methods = new StringBuilder();
        text.Append("    static Graph Define() => Graph").Append(Chain(methods)).Append(";\n").Append(methods).Append("}\n");
        return text.ToString();
    }

    private string Chain(StringBuilder methods)
    {
        var printer = new CallPrinter(8, PrintRope);
        printer.Begin(_declaration.IsEncoder ? "Encoder" : "Decoder")
            .Argument("vocabulary", _declaration.Vocabulary).Argument("width", _declaration.Width).Argument("context", _declaration.Context)
            .Argument("embeddingScale", _declaration.EmbeddingScale, 1).Argument("architecture", _declaration.Architecture).Argument("extraIds", _declaration.ExtraIds, 0);
        if (_declaration.States is { } states)
            printer.Call("states", inner => inner.New("States.Rows").Argument("name", states.Name).Argument("most", states.Most).Argument("width", states.Width).Close());
        PrintTensors(printer);
        printer.End();
        printer.Chain(_declaration.Parts.TakeWhile(part => part is not LayerPart));
        PrintLayers(printer, methods);
        printer.Chain(_declaration.Parts.SkipWhile(part => part is not LayerPart).Where(part => part is not LayerPart));
        // The first call stands on the line of its class.
        return printer.ToString().TrimStart();
    }

    private void PrintLayers(CallPrinter printer, StringBuilder methods)
    {
        var runs = _forms.Runs();
        if (runs.Count <= MostRuns || !_forms.AreConsecutive)
        {
            var next = 0;
            foreach (var (form, first, count) in runs)
            {
                printer.Begin("Layers").Add(first == next ? CSharpText.Of(count) : $"{first}..{first + count}").Branch(null, "layer", _forms.Forms[form]).End();
                next = first + count;
            }

            return;
        }

        printer.Begin("Layers").Add(CSharpText.Of(runs.Sum(run => run.Count))).Add("(layer, i) => " + _forms.Choice()).End();
        for (var form = 0; form < _forms.Forms.Count; form++)
            methods.Append("\n    static Value ").Append(_forms.Names[form]).Append("(Value layer) => layer").Append(new CallPrinter(8, PrintRope).Chain(_forms.Forms[form])).Append(";\n");
    }

    private void PrintTensors(CallPrinter printer)
    {
        var (scheme, changes) = (_declaration.Tensors.Base, _declaration.Tensors.Changes);
        if (scheme is null && changes.Count == 0)
            return;
        var start = scheme switch
        {
            null => "TensorNames.OfWeights",
            Architectures.TensorSchemes.Gguf => "TensorNames.Gguf",
            Architectures.TensorSchemes.HuggingFace => "TensorNames.HuggingFace",
            _ => $"TensorNames.Of({CSharpText.Of(scheme)})",
        };
        var with = string.Join(", ", changes.Select(change => $"{char.ToLowerInvariant(change.Slot[0])}{change.Slot.Substring(1)}: {(bool.TryParse(change.Name, out var flag) ? CSharpText.Of(flag) : CSharpText.Of(change.Name))}"));
        printer.Add($"tensors: {start}{(with.Length > 0 ? $".With({with})" : "")}");
    }

    private void PrintRope(CallPrinter printer, string name, Rope rope)
    {
        if (_named.Contains(rope))
            printer.Add($"{name}: {NameOf(rope)}");
        else
            printer.Call(name, inner => RopeText.Print(inner, rope));
    }

    private string Inline(Rope rope)
    {
        var printer = new CallPrinter(4, PrintRope).New(string.Empty);
        RopeText.Print(printer, rope);
        return printer.Pop();
    }

    private string NameOf(Rope rope)
    {
        if (_named.Count == 1)
            return "Positions";
        var isLocal = _declaration.AllParts().OfType<AttentionPart>().Where(part => part.Rope == rope).Select(part => part.Window is not null).Distinct().ToList();
        var name = isLocal.Count == 1 && isLocal[0] ? "LocalPositions" : "GlobalPositions";
        return _named.Count == 2 && name != NameOfOther(rope) ? name : "Positions" + (_named.IndexOf(rope) + 1);
    }

    private string NameOfOther(Rope rope)
    {
        var other = _named.Find(known => known != rope);
        return _declaration.AllParts().OfType<AttentionPart>().Where(part => part.Rope == other).All(part => part.Window is not null) ? "LocalPositions" : "GlobalPositions";
    }

    private static Rope? RopeOf(Part part) => (part as AttentionPart)?.Rope ?? (part as LatentAttentionPart)?.Rope;

    private static string Comment(string text) =>
        string.Concat(text.Select(c => c switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => char.IsControl(c) || c is '\u2028' or '\u2029' ? " " : c.ToString() }));
}
