using static KernelForge.Runtime.Tests.PackedFileWriter;

namespace KernelForge.Runtime.Tests;

/// <summary>
/// An encoder that hands its keys round: each token's state is its id, its type, its position and the sum of the text's ids, which it reads from the pages that
/// all tokens have written; the pooled value is the negated state of the first token.
/// </summary>
internal sealed unsafe class FakeEncoder : EmbeddingModel
{
    public const int Tokens = 50;
    public const int States = 4;

    private FakeEncoder(ModelDescription description, ModelOptions options) : base(description, options)
    {
    }

    /// <summary>Tokens of each pass so far.</summary>
    public List<int> Passes { get; } = [];

    /// <summary>A token whose state is no number.</summary>
    public int Spoiled { get; set; } = -1;

    public static FakeEncoder Load(ScratchFolder folder, ModelOptions? options = null, bool hasPooler = true, byte[]? tokenizer = null, int vocabulary = Tokens, Pooling pooling = default, bool isNormalized = false)
    {
        var sections = new List<(string, byte[])> { ("weights", new byte[64]) };
        if (tokenizer is not null)
            sections.Add(("tokenizer", tokenizer));
        var path = folder.Write($"{Guid.NewGuid():N}.kfw", Build(PlanHash, [.. sections]));
        ModelOutput[] outputs = [new("last_hidden_state", States, IsPooled: false), new("pooler_output", States, IsPooled: true)];
        var description = Describe("Fake", vocabulary, 300) with { DefaultCache = KeyValueFormat.F32, TokenTypes = 2, Outputs = hasPooler ? outputs : outputs[..1], Pooling = pooling, IsNormalized = isNormalized };
        return new FakeEncoder(description, (options ?? new()) with { WeightsPath = path, Threads = 2 });
    }

    /// <summary>The state of a token.</summary>
    public static float[] Expected(int[] text, int token, int type = 0) => [text[token], type, token, text.Sum()];

    protected override void Forward(ForwardPass pass, int worker)
    {
        if (worker == 0)
            Passes.Add((int)pass.Tokens);
        for (nint i = worker; i < pass.SequenceCount; i += pass.Workers)
        {
            for (nint p = 0; p < pass.Sequences[i].Rows; p++)
                *At(pass.Sequences[i], p) = pass.TokenIds[pass.Sequences[i].FirstRow + p];
        }

        pass.Team.Barrier(worker);
        for (nint i = 0; worker == 0 && i < pass.SequenceCount; i++)
        {
            var slice = pass.Sequences[i];
            var sum = 0f;
            for (nint p = 0; p < slice.Rows; p++)
                sum += *At(slice, p);
            for (nint p = 0; p < slice.Rows; p++)
            {
                var row = slice.FirstRow + p;
                var at = (float*)pass.Workspace + (row * States);
                (at[0], at[1], at[2], at[3]) = (pass.TokenIds[row] == Spoiled ? float.NaN : pass.TokenIds[row], pass.TokenTypes[row], pass.Positions[row], sum);
                if (pass.Outputs[0] != null)
                    new ReadOnlySpan<float>(at, States).CopyTo(new Span<float>((float*)pass.Outputs[0] + (row * States), States));
            }
        }

        for (nint i = 0; worker == 0 && i < pass.LogitCount; i++)
        {
            for (nint d = 0; d < States; d++)
                ((float*)pass.Outputs[1])[(i * States) + d] = -((float*)pass.Workspace)[(pass.LogitRows[i] * States) + d];
        }

        pass.Team.Barrier(worker);
    }

    private static int* At(SequenceSlice slice, nint position) => (int*)slice.Pages[position / CachePages.Positions] + (position % CachePages.Positions);
}
