namespace KernelForge.Modeling;

/// <summary>
/// A transformer graph. It is declared by a chain of calls that begins here; the KernelForge generator reads the declaration, in the editor and in the build, and compiles it.
/// Nothing here ever runs: calling one of these methods throws.
/// </summary>
public sealed class Graph
{
    private Graph()
    {
    }

    /// <summary>A decoder: rows of the embedding, layers, and a head that gives a logit for each token of the vocabulary.</summary>
    /// <param name="vocabulary">Number of token ids: rows of the embedding's table [vocabulary, width].</param>
    /// <param name="width">Length of the residual stream of one token.</param>
    /// <param name="context">The longest sequence, in tokens.</param>
    /// <param name="embeddingScale">Factor of the embedding (Gemma: the root of the width).</param>
    /// <param name="architecture">Name of the architecture; left out: as the weights say.</param>
    /// <param name="extraIds">Ids beyond the vocabulary that a text may hold and no logit stands for (Llama 3.2 Vision).</param>
    /// <param name="states">Rows that a caller gives, for cross-attention.</param>
    /// <param name="tensors">What the weights call their tensors; left out: as their architecture does, or else as GGUF or a llama's folder does.</param>
    public static Value Decoder(int vocabulary, int width, int context, double embeddingScale = 1, string? architecture = null, int extraIds = 0, States? states = null, TensorNames? tensors = null) => throw Declared.Error;

    /// <summary>An encoder: the same without a head. What leaves it is named with <see cref="Value.Output"/>; where nothing is, the last value is the state of the tokens.</summary>
    /// <inheritdoc cref="Decoder"/>
    public static Value Encoder(int vocabulary, int width, int context, double embeddingScale = 1, string? architecture = null, int extraIds = 0, States? states = null, TensorNames? tensors = null) => throw Declared.Error;
}

/// <summary>Rows of numbers that a caller gives a graph beside its text.</summary>
public sealed class States
{
    private States()
    {
    }

    /// <summary>Numbers [rows, width], such as the states of an encoder that another program runs.</summary>
    /// <param name="name">As the model's authors name them.</param>
    /// <param name="most">Rows at most.</param>
    /// <param name="width">Values of a row.</param>
    public static States Rows(string name, int most, int width) => throw Declared.Error;
}

/// <summary>Why nothing of the graph language can be run.</summary>
internal static class Declared
{
    public static NotSupportedException Error => new(
        "A graph declaration is read by the KernelForge generator when the program is compiled; it cannot be run. Use the class that carries [TransformerGraph], for example MyModel.Load().");
}
