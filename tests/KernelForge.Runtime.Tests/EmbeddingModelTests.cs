namespace KernelForge.Runtime.Tests;

public sealed class EmbeddingModelTests : IDisposable
{
    private static readonly int[][] Texts = [[3, 1, 4], [1], [.. Enumerable.Range(0, 130).Select(i => i % 50)], [5, 9, 2, 6]];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_token_sees_its_whole_text_and_no_other()
    {
        using var model = FakeEncoder.Load(_folder);
        foreach (var text in Texts)
        {
            var encoded = model.Encode(text);
            for (var token = 0; token < text.Length; token++)
                encoded.State(token).ToArray().ShouldBe(FakeEncoder.Expected(text, token));
            encoded.Pooled.ToArray().ShouldBe(FakeEncoder.Expected(text, 0).Select(x => -x));
        }
    }

    [Fact]
    public void Types_belong_to_one_pass()
    {
        using var model = FakeEncoder.Load(_folder);
        model.Encode([7, 8], [0, 1]).State(1).ToArray().ShouldBe(FakeEncoder.Expected([7, 8], 1, type: 1));
        model.Encode([7, 8]).State(1).ToArray().ShouldBe(FakeEncoder.Expected([7, 8], 1));
    }

    [Fact]
    public void Vectors_are_made_as_the_options_say()
    {
        using var model = FakeEncoder.Load(_folder);
        float[] Embed(Pooling pooling) => model.EmbedTokens([[3, 5]], new EmbeddingOptions { Pooling = pooling })[0];

        Embed(Pooling.First).ShouldBe([3, 0, 0, 8]);
        Embed(Pooling.Last).ShouldBe([5, 0, 1, 8]);
        Embed(Pooling.Mean).ShouldBe([4, 0, 0.5f, 8]);
        Embed(Pooling.Pooler).ShouldBe([-3, 0, 0, -8]);
        Embed(Pooling.Default).ShouldBe(Embed(Pooling.Pooler));
        model.EmbedTokens([[3, 1]], new EmbeddingOptions { Pooling = Pooling.First, Normalize = true })[0].ShouldBe([0.6f, 0, 0, 0.8f]);
    }

    [Fact]
    public void Without_a_pooler_the_mean_is_the_default()
    {
        using var model = FakeEncoder.Load(_folder, hasPooler: false);
        model.HasPooler.ShouldBeFalse();
        model.EmbedTokens([[3, 5]])[0].ShouldBe([4, 0, 0.5f, 8]);
        model.Encode([3]).Pooled.IsEmpty.ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => model.EmbedTokens([[3]], new EmbeddingOptions { Pooling = Pooling.Pooler })).Message.ShouldContain("no pooler");
    }

    [Fact]
    public void What_the_authors_do_is_the_default()
    {
        using var model = FakeEncoder.Load(_folder, pooling: Pooling.First, isNormalized: true);
        model.EmbedTokens([[3, 1]])[0].ShouldBe([0.6f, 0, 0, 0.8f]);
        model.EmbedTokens([[3, 1]], new EmbeddingOptions { Normalize = false })[0].ShouldBe([3, 0, 0, 4]);
        model.EmbedTokens([[3, 1]], new EmbeddingOptions { Pooling = Pooling.Pooler, Normalize = false })[0].ShouldBe([-3, 0, 0, -4]);
    }

    [Theory]
    [InlineData(1, new[] { 3, 1, 130, 4 })]
    [InlineData(8, new[] { 4, 130, 4 })]
    [InlineData(256, new[] { 138 })]
    public void Texts_share_passes_as_far_as_they_fit(int chunk, int[] passes)
    {
        using var model = FakeEncoder.Load(_folder, new ModelOptions { PrefillChunk = chunk });
        var vectors = model.EmbedTokens(Texts, new EmbeddingOptions { Pooling = Pooling.Last });

        vectors.ShouldBe(Texts.Select(text => FakeEncoder.Expected(text, text.Length - 1)));
        model.Passes.ShouldBe(passes);
    }

    [Fact]
    public void What_no_text_can_be_is_refused()
    {
        using var model = FakeEncoder.Load(_folder, new ModelOptions { Context = 130 });
        Should.Throw<ArgumentException>(() => model.EmbedTokens([[1], []])).Message.ShouldContain("at least one token");
        Should.Throw<ArgumentException>(() => model.Encode([1, 50])).Message.ShouldContain("0 to 49");
        Should.Throw<ContextFullException>(() => model.Encode(new int[131])).Capacity.ShouldBe(130);
        Should.Throw<ArgumentException>(() => model.Encode([1, 2], [0])).Message.ShouldContain("1 types");
        Should.Throw<ArgumentException>(() => model.Encode([1, 2], [0, 2])).Message.ShouldContain("2 types");
        Should.Throw<InvalidOperationException>(() => model.Embed("text")).Message.ShouldContain("no tokenizer");
        model.EmbedTokens([]).ShouldBeEmpty();
    }

    [Fact]
    public void A_cache_cannot_be_chosen() =>
        Should.Throw<ArgumentException>(() => FakeEncoder.Load(_folder, new ModelOptions { Cache = KeyValueFormat.Int8 })).Message.ShouldContain("encoder");

    [Fact]
    public void Several_threads_may_use_it()
    {
        using var model = FakeEncoder.Load(_folder);
        Parallel.For(0, 64, i =>
        {
            int[] text = [.. Enumerable.Range(0, i + 1).Select(p => (p + i) % 50)];
            model.EmbedTokens([text], new EmbeddingOptions { Pooling = Pooling.Last })[0].ShouldBe(FakeEncoder.Expected(text, i));
        });
    }

    [Fact]
    public void A_disposed_model_refuses()
    {
        var model = FakeEncoder.Load(_folder);
        model.Dispose();
        Should.Throw<ObjectDisposedException>(() => model.Encode([1]));
        Should.Throw<ObjectDisposedException>(() => model.EmbedTokens([[1]]));
        Should.Throw<ObjectDisposedException>(() => model.Embed("text"));
    }

    [Fact]
    public void States_that_are_no_numbers_are_not_given_out()
    {
        using var model = FakeEncoder.Load(_folder);
        model.Spoiled = 7;

        Should.Throw<NonFiniteStatesException>(() => model.Encode([1, 7])).Message.ShouldContain("not finite");
        Should.Throw<NonFiniteStatesException>(() => model.EmbedTokens([[1], [7]]));
        model.EmbedTokens([[1], [2]]).Length.ShouldBe(2);
    }

    [Fact]
    public void Options_of_sessions_are_refused()
    {
        Should.Throw<ArgumentException>(() => FakeEncoder.Load(_folder, new() { MemoryLimit = 1 << 20 })).Message.ShouldContain("MemoryLimit");
        Should.Throw<ArgumentException>(() => FakeEncoder.Load(_folder, new() { CountExperts = true })).Message.ShouldContain("CountExperts");
    }
}
