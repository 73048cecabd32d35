using KernelForge.Runtime;

namespace KernelForge;

/// <summary>
/// An encoder compiled into this program: turns texts into vectors. Any number of threads may use it; forward passes take turns on the model's threads.
/// </summary>
/// <remarks>A text's vector does not depend on the texts that it shares a batch with, on the number of threads or on the instruction set.</remarks>
public abstract class EmbeddingModel : EncoderModel
{
    /// <summary>Maps the packed file and starts the threads. Called by the generated class.</summary>
    /// <exception cref="PackedFileException">The packed file is missing, damaged or of another plan.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that this model cannot have.</exception>
    protected EmbeddingModel(ModelDescription description, ModelOptions options)
        : base(description, options)
    {
    }

    /// <summary>The vector of a text: [<see cref="EncoderModel.Width"/>].</summary>
    /// <param name="text">The text. The tokens that the model expects around it ([CLS], [SEP]) are added.</param>
    /// <param name="options">How the vector is made; null: <see cref="EmbeddingOptions"/> as it is.</param>
    /// <exception cref="ContextFullException">The text has more tokens than <see cref="CompiledModel.Context"/>.</exception>
    /// <exception cref="InvalidOperationException">The model file carried no tokenizer, or the pooling that is asked for is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public float[] Embed(string text, EmbeddingOptions? options = null) => Embed([text], options)[0];

    /// <summary>The vectors of texts, [texts][<see cref="EncoderModel.Width"/>]. Short texts share a forward pass, in which the weights are read once.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="options">How vectors are made; null: <see cref="EmbeddingOptions"/> as it is.</param>
    /// <param name="cancellation">Looked at between two passes.</param>
    /// <exception cref="ContextFullException">A text has more tokens than <see cref="CompiledModel.Context"/>.</exception>
    /// <exception cref="InvalidOperationException">The model file carried no tokenizer, or the pooling that is asked for is not there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public float[][] Embed(IReadOnlyList<string> texts, EmbeddingOptions? options = null, CancellationToken cancellation = default)
    {
        var tokenizer = Tokenizer;
        return EmbedTokens([.. texts.Select(text => tokenizer.Encode(text, addSpecial: true))], options, cancellation);
    }

    /// <summary>As <see cref="Embed(IReadOnlyList{string}, EmbeddingOptions?, CancellationToken)"/>, of token ids as they are.</summary>
    /// <param name="texts">Token ids of each text; at least one.</param>
    /// <param name="options">How vectors are made; null: <see cref="EmbeddingOptions"/> as it is.</param>
    /// <param name="cancellation">Looked at between two passes.</param>
    /// <exception cref="ArgumentException">A text has no token, or one that is not in the vocabulary.</exception>
    /// <exception cref="ContextFullException">A text has more tokens than <see cref="CompiledModel.Context"/>.</exception>
    /// <exception cref="InvalidOperationException">The pooling that is asked for is not there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public float[][] EmbedTokens(IReadOnlyList<int[]> texts, EmbeddingOptions? options = null, CancellationToken cancellation = default)
    {
        RequireAlive();
        options ??= new EmbeddingOptions();
        var pooling = Resolve(options.Pooling);
        for (var i = 0; i < texts.Count; i++)
            Check(texts[i], nameof(texts));
        var vectors = new float[texts.Count][];
        for (var first = 0; first < vectors.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = Batch(texts, first);
            Embed(batch, pooling, vectors.AsSpan(first, batch.Length));
            first += batch.Length;
        }

        foreach (var vector in options.Normalize ?? Description.IsNormalized ? vectors : [])
            VectorPooling.Normalize(vector);
        return vectors;
    }

    /// <summary>Everything that the model computes for one text.</summary>
    /// <param name="tokens">Its token ids; at least one.</param>
    /// <param name="types">The type of each token, for a text that consists of several: 0 for those of the first. Empty: all 0.</param>
    /// <exception cref="ArgumentException">There is no token, one that is not in the vocabulary, or another number of types.</exception>
    /// <exception cref="ContextFullException">There are more tokens than <see cref="CompiledModel.Context"/>.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public EncodedText Encode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> types = default)
    {
        RequireAlive();
        var ids = tokens.ToArray();
        Check(ids, nameof(tokens));
        CheckTypes(types, ids.Length);
        var states = new float[(long)ids.Length * Width];
        var pooled = HasPooler ? new float[PooledWidth] : null;
        Run([new EncoderText(ids.Length, ids, types.IsEmpty ? null : types.ToArray())], states, pooled);
        return new EncodedText(states, pooled, Width);
    }

    private Pooling Resolve(Pooling asked) => asked switch
    {
        Pooling.Default when Description.Pooling != Pooling.Default => Description.Pooling,
        Pooling.Default => HasPooler ? Pooling.Pooler : Pooling.Mean,
        Pooling.Pooler when !HasPooler => throw new InvalidOperationException($"{Description.ClassName} has no pooler. Ask for the mean, the first or the last token."),
        _ => asked,
    };

    /// <summary>As many texts from one on as fit a pass; at least one, which may be longer.</summary>
    private EncoderText[] Batch(IReadOnlyList<int[]> texts, int first)
    {
        var (count, tokens) = (1, texts[first].Length);
        while (first + count < texts.Count && tokens + texts[first + count].Length <= Options.PrefillChunk)
            tokens += texts[first + count++].Length;
        var batch = new EncoderText[count];
        for (var i = 0; i < count; i++)
            batch[i] = new EncoderText(texts[first + i].Length, texts[first + i]);
        return batch;
    }

    private void Embed(EncoderText[] batch, Pooling pooling, Span<float[]> vectors)
    {
        if (pooling == Pooling.Pooler)
        {
            var pooled = new float[batch.Length * PooledWidth];
            Run(batch, null, pooled);
            for (var i = 0; i < batch.Length; i++)
                vectors[i] = pooled.AsSpan(i * PooledWidth, PooledWidth).ToArray();
            return;
        }

        var states = new float[batch.Sum(text => (long)text.Rows) * Width];
        Run(batch, states, null);
        var first = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            vectors[i] = VectorPooling.Pool(pooling, states.AsSpan(first * Width, batch[i].Rows * Width), Width);
            first += batch[i].Rows;
        }
    }

    private void Check(int[] tokens, string parameter)
    {
        if (tokens.Length == 0)
            throw new ArgumentException("A text needs at least one token.", parameter);
        if (tokens.Length > Context)
            throw new ContextFullException(0, tokens.Length, Context);
        for (var i = 0; i < tokens.Length; i++)
            RequireToken(tokens[i], i, parameter);
    }

    private void CheckTypes(ReadOnlySpan<int> types, int tokens)
    {
        if (!types.IsEmpty && types.Length != tokens)
            throw new ArgumentException($"There are {tokens} tokens and {types.Length} types.", nameof(types));
        foreach (var type in types)
        {
            if ((uint)type >= (uint)Math.Max(1, Description.TokenTypes))
                throw new ArgumentOutOfRangeException(nameof(types), type, $"The model knows {Math.Max(1, Description.TokenTypes)} types of tokens, from 0 on.");
        }
    }
}
