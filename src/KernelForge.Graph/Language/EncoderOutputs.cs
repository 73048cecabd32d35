using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>What an encoder gives: the names that a caller's model knows, and how many rows it makes room for under each.</summary>
internal static class EncoderOutputs
{
    /// <summary>The state of each token.</summary>
    public const string State = "last_hidden_state";

    /// <summary>A vector of each text.</summary>
    public const string Pooler = "pooler_output";

    /// <summary>Notes an error where an output has another name, or other rows than its name promises.</summary>
    public static void Check(DeclarationBuilder builder, string name, int x)
    {
        if (!builder.Require(
            name is State or Pooler, DeclarationCodes.OutputUnknown, "name",
            $"A model has no output '{name}'. Name the state of each token {State}, and a vector of each text {Pooler}."))
        {
            return;
        }

        var isOfText = builder.Graph.IsOfText(x);
        builder.Require(isOfText == (name == Pooler), DeclarationCodes.OutputRows, "name", isOfText
            ? $"{State} has a row for each token, and this value has one for each text: it follows FirstToken. Name it {Pooler}, or name the state before FirstToken."
            : $"{Pooler} has a row for each text, and this value has one for each token. Take one of them with FirstToken, or name it {State}.");
    }

    /// <summary>Adds the state where no output is named; an encoder without it is an error.</summary>
    public static void Complete(DeclarationBuilder builder, List<GraphOutput> outputs, int last)
    {
        if (outputs.Count == 0 && !builder.Graph.IsOfText(last))
            outputs.Add(new GraphOutput(State, last));
        builder.Require(
            outputs.Exists(output => output.Name == State), DeclarationCodes.OutputMissing, "outputs",
            $"The encoder gives no state of its tokens, from which vectors are made. Name it before FirstToken: .Output(\"{State}\").");
    }
}
