namespace KernelForge.Language;

/// <summary>Which layers of a declaration are alike, and how a person would say which is which.</summary>
internal sealed class LayerForms
{
    private readonly List<LayerPart> _layers;
    private readonly List<int> _formOf;

    public LayerForms(List<LayerPart> layers)
    {
        _layers = layers;
        Forms = layers.Select(layer => layer.Parts).Distinct().ToList();
        _formOf = layers.ConvertAll(layer => Forms.IndexOf(layer.Parts));
        Names = NamesOf(Forms);
    }

    /// <summary>Those that differ.</summary>
    public List<EquatableArray<Part>> Forms { get; }

    /// <summary>A method's name for each.</summary>
    public List<string> Names { get; }

    /// <summary>Whether the weights' layers are used from the first one on, none left out.</summary>
    public bool AreConsecutive => _layers.Select((layer, index) => layer.Stored == index).All(isSame => isSame);

    /// <summary>Neighbouring layers that are alike: their form, the first one's number in the weights, and how many.</summary>
    public List<(int Form, int First, int Count)> Runs()
    {
        var runs = new List<(int Form, int First, int Count)>();
        for (var i = 0; i < _layers.Count; i++)
        {
            var last = runs.Count - 1;
            if (last >= 0 && runs[last].Form == _formOf[i] && runs[last].First + runs[last].Count == _layers[i].Stored)
                runs[last] = (runs[last].Form, runs[last].First, runs[last].Count + 1);
            else
                runs.Add((_formOf[i], _layers[i].Stored, 1));
        }

        return runs;
    }

    /// <summary>A C# expression that makes of <c>layer</c> with the number <c>i</c> what it is.</summary>
    public string Choice()
    {
        string Call(int form) => $"{Names[form]}(layer)";
        var common = Enumerable.Range(0, Forms.Count).OrderByDescending(form => _formOf.Count(of => of == form)).ThenBy(form => form).First();
        if (Forms.Count == 2)
            return $"{Condition(Of(1 - common))} ? {Call(1 - common)} : {Call(common)}";
        var arms = Enumerable.Range(0, Forms.Count).Where(form => form != common).Select(form => $"{string.Join(" or ", Of(form))} => {Call(form)}");
        return $"i switch {{ {string.Join(", ", arms)}, _ => {Call(common)} }}";
    }

    private List<int> Of(int form) => Enumerable.Range(0, _formOf.Count).Where(i => _formOf[i] == form).ToList();

    private string Condition(List<int> indices)
    {
        for (var period = 2; period <= _formOf.Count; period++)
        {
            var rest = indices[0] % period;
            if (indices.SequenceEqual(Enumerable.Range(0, _formOf.Count).Where(i => i % period == rest)))
                return indices.Count == 1 ? $"i == {indices[0]}" : $"i % {period} == {rest}";
        }

        return "i is " + string.Join(" or ", indices);
    }

    private static List<string> NamesOf(List<EquatableArray<Part>> forms)
    {
        var mixing = forms.ConvertAll(form => Mixing(Inner(form)));
        var feeding = forms.ConvertAll(form => Feeding(Inner(form)));
        var both = mixing.Zip(feeding, (first, second) => first + second).ToList();
        var names = new[] { mixing, feeding, both }.FirstOrDefault(names => names.Distinct().Count() == forms.Count)
            ?? both.Select((name, index) => name + (index + 1)).ToList();
        return names.ConvertAll(name => name + "Layer");
    }

    private static IEnumerable<Part> Inner(IEnumerable<Part> parts) => parts.SelectMany(part => Inner(part.Inner).Prepend(part));

    private static string Mixing(IEnumerable<Part> parts) => parts.FirstOrDefault(part => part is IMixesTokens) switch
    {
        ShortConvolutionPart => "Convolution",
        LatentAttentionPart => "Latent",
        CrossAttentionPart => "Cross",
        AttentionPart { Window: not null } => "Sliding",
        AttentionPart { Chunk: not null } => "Chunked",
        _ => "Full",
    };

    private static string Feeding(IEnumerable<Part> parts) => parts.Any(part => part is MixturePart) ? "Mixture" : "Dense";
}
