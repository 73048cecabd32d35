using KernelForge.Graphs;

namespace KernelForge.Architectures;

/// <summary>Reads how an encoder's authors make one vector of a text: GGUF's <c>pooling_type</c>, or the modules of a folder of sentence-transformers.</summary>
internal static class TextVectors
{
    private const string Modules = "modules.json";

    // GGUF's own numbers; 0 says that there is no such way, 4 that a head weighs pairs of texts.
    private static readonly Key Type = new("pooling_type");
    private const int Rank = 4;

    /// <summary>The way, or null where the model says none. What this version does not compute is an error in the reader.</summary>
    public static TextVector? Read(ModelReader model) => model.IsFolder ? OfModules(model) : OfGguf(model);

    private static TextVector? OfGguf(ModelReader model)
    {
        var type = model.Integer(Type, -1, Rank, 0);
        if (type == Rank)
            model.Error(ProblemCodes.FeatureUnsupported, $"{model.Name(Type)} is {Rank}: the model weighs pairs of texts with a head that this version does not compile. Use a model that gives vectors.", model.Name(Type));
        return type switch
        {
            1 => new TextVector(TokenPooling.Mean, IsNormalized: false),
            2 => new TextVector(TokenPooling.First, IsNormalized: false),
            3 => new TextVector(TokenPooling.Last, IsNormalized: false),
            _ => null,
        };
    }

    private static TextVector? OfModules(ModelReader model)
    {
        if (model.Text("kernelforge.modules") is not { } text)
            return null;
        const string package = "sentence_transformers.";
        // Modules of other packages may be anything, whatever they are called.
        var names = text.Split(',').Select(type => type.StartsWith(package, StringComparison.Ordinal) ? type.Substring(type.LastIndexOf('.') + 1) : type).ToList();
        string[] known = ["Transformer", "Pooling", "Normalize"];
        if (names.Where((name, place) => place >= known.Length || name != known[place]).FirstOrDefault() is { } wrong)
        {
            Refuse(model, $"the module '{wrong}'; this version knows sentence_transformers' Transformer, Pooling and Normalize, in this order");
            return null;
        }

        if (model.Text("kernelforge.pooling") is not { } mode)
            return null;
        if (model.Text("kernelforge.pooling.without_prompt") is not null)
            Refuse(model, "a pooling that leaves out the tokens of a prompt (include_prompt is false)");
        TokenPooling? pooling = mode switch
        {
            "mean_tokens" or "mean" => TokenPooling.Mean,
            "cls_token" or "cls" => TokenPooling.First,
            "lasttoken" => TokenPooling.Last,
            _ => null,
        };
        if (pooling is null)
            Refuse(model, $"the pooling '{mode}'; this version knows one of mean, cls and lasttoken");
        return pooling is { } way ? new TextVector(way, names.Count == known.Length) : null;
    }

    private static void Refuse(ModelReader model, string found) => model.Error(
        ProblemCodes.FeatureUnsupported, $"{Modules} has {found}. Its vectors would be others: use another model, or remove the file to make vectors of the states in a way of your own.", Modules);
}
