namespace KernelForge.Modeling;

/// <summary>
/// A row of numbers for each token, somewhere in a graph: first the residual stream [tokens, width]. Every method is an operation that gives another such value.
/// Sizes are constants; tensors are found in the weights by their names, biases where the weights have them.
/// </summary>
public abstract class Value
{
    private protected Value()
    {
    }

    /// <summary>An encoder may end with any value, which then is its output. A decoder ends with <see cref="TiedHead"/> or <see cref="Head"/>.</summary>
    public static implicit operator Graph(Value value) => throw Declared.Error;

    /// <summary>Adds a learned row for the token's position, from a table [first + context, width].</summary>
    /// <param name="first">Row of the first position; those before it are not in use (RoBERTa).</param>
    public abstract Value Positions(int first = 0);

    /// <summary>Adds a learned row for the token's type (BERT's segments).</summary>
    /// <param name="types">Rows of the table.</param>
    public abstract Value TokenTypes(int types);

    /// <summary>The next layers of the weights, all alike.</summary>
    /// <param name="count">How many.</param>
    /// <param name="layer">What each does to the stream.</param>
    public abstract Value Layers(int count, Func<Value, Value> layer);

    /// <summary>The next layers of the weights, which may differ.</summary>
    /// <param name="count">How many.</param>
    /// <param name="layer">What each does to the stream; it is also given its number in the graph, from 0 on.</param>
    public abstract Value Layers(int count, Func<Value, int, Value> layer);

    /// <summary>Some layers of the weights: <c>Layers(0..10, ...).Layers(20..30, ...)</c> leaves ten out.</summary>
    /// <param name="layers">Their numbers in the weights.</param>
    /// <param name="layer">What each does to the stream.</param>
    public abstract Value Layers(Range layers, Func<Value, Value> layer);

    /// <summary>Some layers of the weights, which may differ.</summary>
    /// <param name="layers">Their numbers in the weights.</param>
    /// <param name="layer">What each does to the stream; it is also given its number in the graph, from 0 on.</param>
    public abstract Value Layers(Range layers, Func<Value, int, Value> layer);

    /// <summary>x + factor * branch(x).</summary>
    /// <param name="branch">What is added; its rows are as wide as the stream.</param>
    /// <param name="factor">Of what is added.</param>
    /// <param name="gate">The whole name, in the layer, of a tensor of one value whose hyperbolic tangent is another factor (Llama 3.2 Vision).</param>
    public abstract Value Residual(Func<Value, Value> branch, double factor = 1, string? gate = null);

    /// <summary>x + factor * first(x) + factor * second(x): both branches read the same rows (GPT-NeoX).</summary>
    /// <param name="first">What is added first.</param>
    /// <param name="second">What is added then.</param>
    /// <param name="factor">Of each.</param>
    public abstract Value Parallel(Func<Value, Value> first, Func<Value, Value> second, double factor = 1);

    /// <summary>x + factor * first(y) + factor * second(y), where y is shared(x): both branches read one norm (Command R, Phi).</summary>
    /// <param name="shared">What both branches read.</param>
    /// <param name="first">What is added first.</param>
    /// <param name="second">What is added then.</param>
    /// <param name="factor">Of each.</param>
    public abstract Value ParallelOn(Func<Value, Value> shared, Func<Value, Value> first, Func<Value, Value> second, double factor = 1);

    /// <summary>Root mean square norm (Zhang and Sennrich, 2019): x / sqrt(mean(x^2) + epsilon) * scale.</summary>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="scaled">Whether the weights have a scale for it.</param>
    /// <param name="offset">Added to the stored scale (1 for Gemma's folders).</param>
    /// <param name="factor">Multiplies the scale; of the last norm it is a factor of the logits.</param>
    /// <param name="tensor">Its tensor, without <c>.weight</c>; left out: what the naming scheme calls a norm that stands here.</param>
    public abstract Value RmsNorm(double epsilon = 1e-5, bool scaled = true, double offset = 0, double factor = 1, string? tensor = null);

    /// <summary>Layer norm (Ba et al., 2016): the mean is taken off first, and a shift is added where the weights have one.</summary>
    /// <inheritdoc cref="RmsNorm"/>
    public abstract Value LayerNorm(double epsilon = 1e-5, bool scaled = true, double offset = 0, double factor = 1, string? tensor = null);

    /// <summary>Grouped-query attention (Ainslie et al., 2023) with the matrices before and after it.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key and value heads, a divisor of <paramref name="heads"/>; left out: as many.</param>
    /// <param name="headSize">Values of a head; left out: width / heads.</param>
    /// <param name="rope">Rotary positions; left out: nothing is rotated.</param>
    /// <param name="window">A token sees itself and the window - 1 tokens before it; left out: all before it.</param>
    /// <param name="chunk">A token sees those of its own chunk of so many tokens only (Llama 4).</param>
    /// <param name="scale">Factor of the scores; left out: 1 / sqrt(headSize).</param>
    /// <param name="softcap">Scores become softcap * tanh(score / softcap) (Gemma 2).</param>
    /// <param name="headNorms">Norms of queries and keys.</param>
    /// <param name="sinks">Every head has a score that joins its softmax without a value (gpt-oss).</param>
    /// <param name="temperature">Queries of later positions grow (Llama 4).</param>
    /// <param name="bidirectional">A token sees those after it too, as encoders do; of a window, as many as before it.</param>
    /// <param name="fusedByHead">In a fused matrix query, key and value of one head follow one another (GPT-NeoX).</param>
    public abstract Value Attention(
        int heads, int? keyValueHeads = null, int? headSize = null, Rope? rope = null, int? window = null, int? chunk = null, double? scale = null, double? softcap = null,
        HeadNorms? headNorms = null, bool sinks = false, QueryTemperature? temperature = null, bool bidirectional = false, bool fusedByHead = false);

    /// <summary>Attention of every token to all rows that a caller gives, with the matrices before and after it (Llama 3.2 Vision).</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key and value heads, a divisor of <paramref name="heads"/>; left out: as many.</param>
    /// <param name="headSize">Values of a head; left out: width / heads.</param>
    /// <param name="headNorms">Norms of queries and keys.</param>
    public abstract Value CrossAttention(int heads, int? keyValueHeads = null, int? headSize = null, HeadNorms? headNorms = null);

    /// <summary>Multi-head latent attention (DeepSeek-AI, 2024) with the matrices before and after it.</summary>
    /// <param name="heads">Query, key and value heads.</param>
    /// <param name="rank">Values of the latent from which keys and values are made.</param>
    /// <param name="plainSize">Values of a query and a key that are not rotated.</param>
    /// <param name="rotatedSize">Values of a query and a key that are.</param>
    /// <param name="valueSize">Values of a value head.</param>
    /// <param name="rope">Rotary positions.</param>
    /// <param name="epsilon">Of the norms of latents.</param>
    /// <param name="queryRank">Values of the queries' latent; left out: queries are made from the stream.</param>
    /// <param name="scale">Factor of the scores; left out: 1 / sqrt(plainSize + rotatedSize).</param>
    public abstract Value LatentAttention(
        int heads, int rank, int plainSize, int rotatedSize, int valueSize, Rope rope, double epsilon = 1e-6, int? queryRank = null, double? scale = null);

    /// <summary>A gated short convolution in place of attention (LFM2): each column for itself, over a token and the few before it.</summary>
    /// <param name="taps">Tokens that it reads, the token itself included.</param>
    public abstract Value ShortConvolution(int taps);

    /// <summary>A feed-forward: down(activation(gate x) * up x), or down(activation(up x)) where it is not gated.</summary>
    /// <param name="hidden">Values between its matrices.</param>
    /// <param name="activation">Of the gate, or of up.</param>
    /// <param name="gated">Whether it has a gate.</param>
    public abstract Value FeedForward(int hidden, Activation activation = Activation.Silu, bool gated = true);

    /// <summary>A mixture of experts (Shazeer et al., 2017): a few gated feed-forwards of many for each token, summed by their weights.</summary>
    /// <param name="experts">How many there are.</param>
    /// <param name="active">How many compute a token.</param>
    /// <param name="hidden">Values between an expert's matrices.</param>
    /// <param name="router">How experts are chosen.</param>
    /// <param name="activation">Of the gates.</param>
    /// <param name="sharedHidden">Values between the matrices of what every token passes through beside its experts; 0: there is none.</param>
    /// <param name="clamp">gpt-oss's unit in place of activation(gate) * up.</param>
    /// <param name="storage">How the experts' matrices lie in the weights.</param>
    public abstract Value MixtureOfExperts(
        int experts, int active, int hidden, Router router, Activation activation = Activation.Silu, int sharedHidden = 0, ClampedUnit? clamp = null,
        ExpertStorage storage = ExpertStorage.Separate);

    /// <summary>A matrix: x W^T, and + b where the weights have a bias.</summary>
    /// <param name="rows">Values that it gives.</param>
    /// <param name="tensor">Its name without <c>.weight</c>; in a layer what follows the layer's number.</param>
    public abstract Value Linear(int rows, string tensor);

    /// <summary>An activation, value by value.</summary>
    /// <param name="activation">Which.</param>
    public abstract Value Activate(Activation activation);

    /// <summary>The first token's row only: what BERT's pooler reads.</summary>
    public abstract Value FirstToken();

    /// <summary>Names the value as one that leaves an encoder, and goes on with it.</summary>
    /// <param name="name"><c>last_hidden_state</c>: the state of each token, which every encoder gives. <c>pooler_output</c>: a vector of each text, after <see cref="FirstToken"/>.</param>
    public abstract Value Output(string name);

    /// <summary>The end of a decoder: logits by the embedding's own table.</summary>
    /// <param name="softcap">Logits become softcap * tanh(logit / softcap) (Gemma 2).</param>
    public abstract Graph TiedHead(double? softcap = null);

    /// <summary>The end of a decoder: logits by a matrix [vocabulary, width] of its own.</summary>
    /// <param name="tensor">Its name without <c>.weight</c>; left out: as the naming scheme calls it.</param>
    /// <param name="softcap">Logits become softcap * tanh(logit / softcap).</param>
    public abstract Graph Head(string? tensor = null, double? softcap = null);
}
