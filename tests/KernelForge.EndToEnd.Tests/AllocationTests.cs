using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// An answer of the embedded model takes no memory from the managed heap once it flows: forward pass, sampling, stop texts, UTF-8 output,
/// on the calling thread and on the team's others. (What the whole process allocates says nothing here: the test host allocates too.)
/// </summary>
[Collection(SmolLM2Collection.Name)]
public class AllocationTests(SmolLM2Fixture fixture)
{
    private const int Tokens = 70;

    /// <summary>Pieces between two looks at the counters.</summary>
    private const int Window = 10;

    public static TheoryData<string, SamplingOptions> Ways => new()
    {
        { "greedy", new() { MaxTokens = Tokens } },
        { "greedy with stop texts", new() { MaxTokens = Tokens, Stop = ["\n\n\n\n", "never said"] } },
        { "repeat penalty", new() { MaxTokens = Tokens, RepeatPenalty = 1.1f } },
        { "every filter", new() { MaxTokens = Tokens, Temperature = 0.9f, TopK = 200, TopP = 0.95f, MinP = 0.001f, RepeatPenalty = 1.05f } },
        { "top-p of all tokens", new() { MaxTokens = Tokens, Temperature = 1f, TopP = 0.9f } },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void TextFlowsWithoutAllocating(string way, SamplingOptions options)
    {
        using var model = fixture.Model.Load(threads: 2);
        var prompt = model.Tokenizer.Encode("Once upon a time there was a dragon who");
        var counters = new Counters(model);
        using (var session = model.CreateSession())
            new TextGenerator(session, options).Run(prompt, counters.Receive);

        // Again, now that everything is compiled: only this run counts.
        counters.Restart();
        using var again = model.CreateSession();
        new TextGenerator(again, options).Run(prompt, counters.Receive);

        counters.Allocated.Count.ShouldBeGreaterThanOrEqualTo(8, way);
        counters.Allocated.ShouldAllBe(bytes => bytes == 0, way);
    }

    [Fact]
    public void AConversationAllocatesOnlyWhereItsTextGrows()
    {
        using var model = fixture.Model.Load(threads: 2);
        var counters = new Counters(model);
        using var chat = model.CreateChat();
        chat.Send("Tell me a story about a dragon.", counters.Receive, new SamplingOptions { MaxTokens = Tokens });
        chat.Reset();
        counters.Restart();
        chat.Send("Tell me a story about a dragon.", counters.Receive, new SamplingOptions { MaxTokens = Tokens });

        counters.Allocated.Count.ShouldBeGreaterThanOrEqualTo(8);
        counters.Allocated.Count(bytes => bytes > 0).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void SessionsAndBatchesDecodeWithoutAllocating()
    {
        using var model = fixture.Model.Load(threads: 2);
        using var one = model.CreateSession();
        using var two = model.CreateSession();
        Session[] batch = [one, two];
        int[] tokens = [504, 253];
        var best = new int[2];
        var counters = new Counters(model);
        Decode();
        counters.Restart();
        for (var window = 0; window < 4; window++)
        {
            Decode();
            counters.Look();
        }

        counters.Allocated.Count.ShouldBe(6);
        counters.Allocated.ShouldAllBe(bytes => bytes == 0);

        void Decode()
        {
            for (var i = 0; i < 4; i++)
            {
                one.DecodeGreedy(504);
                one.Decode(253);
                model.DecodeBatch(batch, tokens);
                model.DecodeBatchGreedy(batch, tokens, best);
            }
        }
    }

    /// <summary>Bytes that each thread of a model's team has allocated, looked at now and then; itself allocates nothing after it was made.</summary>
    private sealed class Counters
    {
        private readonly ThreadTeam _team;
        private readonly long[][] _looks;
        private readonly Action<int> _look;
        private int _count;
        private int _pieces;

        public Counters(LanguageModel model)
        {
            _team = model.Runner.Team;
            _looks = [.. Enumerable.Range(0, _team.Workers).Select(_ => new long[Tokens])];
            _look = worker => _looks[worker][_count] = GC.GetAllocatedBytesForCurrentThread();
            Receive = _ =>
            {
                if (_pieces++ % Window == 0)
                    Look();
            };
        }

        public Utf8Receiver Receive { get; }

        /// <summary>Allocated bytes between each two looks, thread after thread.</summary>
        public IReadOnlyList<long> Allocated => [.. _looks.SelectMany(looks => Enumerable.Range(1, Math.Max(0, _count - 1)).Select(i => looks[i] - looks[i - 1]))];

        /// <summary>Forgets the looks so far; the count begins with the next one.</summary>
        public void Restart()
        {
            _count = 0;
            _pieces = 0;
        }

        public void Look()
        {
            _team.Run(_look);
            _count++;
        }
    }
}
