namespace KernelForge.Runtime.Tests;

/// <summary>The sampler against the definitions of its filters, written with sorted lists.</summary>
public sealed class SamplerTests
{
    private const int Vocabulary = 200;

    public static TheoryData<SamplingOptions> Options =>
    [
        new SamplingOptions { Temperature = 1 },
        new SamplingOptions { Temperature = 0.7f, TopK = 5 },
        new SamplingOptions { Temperature = 1.5f, TopP = 0.8f },
        new SamplingOptions { Temperature = 1, MinP = 0.1f },
        new SamplingOptions { Temperature = 1, TopK = 40, TopP = 0.9f, MinP = 0.05f, RepeatPenalty = 1.3f },
        new SamplingOptions { Temperature = 2, TopK = 1000, TopP = 1e-6f },
        new SamplingOptions { Temperature = 0.5f, TopP = 0.5f, RepeatPenalty = 1.1f, RepeatWindow = 4 },
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Draws_follow_the_distribution_of_the_definition(SamplingOptions options)
    {
        var random = new Random(1);
        var logits = Enumerable.Range(0, Vocabulary).Select(_ => (float)((random.NextDouble() * 10) - 5)).ToArray();
        logits[17] = logits[90];
        int[] recent = [90, 3, 90, 5, 8, 17, 2, 100];
        var expected = Definition(options, logits, recent);
        var sampler = new Sampler(options, Vocabulary);
        const int draws = 20_000;
        var counts = new int[Vocabulary];
        for (var i = 0; i < draws; i++)
            counts[sampler.Next(logits, recent)]++;

        for (var id = 0; id < Vocabulary; id++)
        {
            var p = expected[id];
            if (p == 0)
                counts[id].ShouldBe(0, $"token {id} was filtered out");
            else
                ((double)counts[id]).ShouldBe(draws * p, (6 * Math.Sqrt(draws * p * (1 - p))) + 1, $"token {id}");
        }
    }

    [Fact]
    public void Greedy_takes_the_best_and_of_equals_the_lowest()
    {
        var sampler = new Sampler(new SamplingOptions(), 5);
        sampler.Next([1, 7, 3, 7, -1], []).ShouldBe(1);
        Sampler.ArgMax([-3, -2, -2]).ShouldBe(1);
    }

    [Fact]
    public void Greedy_with_a_repeat_penalty_takes_the_best_of_the_penalized()
    {
        var sampler = new Sampler(new SamplingOptions { RepeatPenalty = 2 }, 4);
        sampler.Next([1, 3, 2, 0], [1, 1, 1]).ShouldBe(2);
        sampler.Next([-1, -3, -1.5f, -9], [0]).ShouldBe(2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_tokens_and_another_gives_others()
    {
        var logits = new float[Vocabulary];
        Draw(7).ShouldBe(Draw(7));
        Draw(7).ShouldNotBe(Draw(8));
        Draw(7).Take(6).ShouldBe([140, 55, 167, 196, 198, 174], "the numbers are part of the contract: an answer can be repeated with its seed");

        int[] Draw(ulong seed)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = seed }, Vocabulary);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Next(logits, []))];
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Choosing_allocates_nothing(SamplingOptions options)
    {
        var sampler = new Sampler(options, Vocabulary);
        var logits = new float[Vocabulary];
        int[] recent = [1, 2, 3];
        sampler.Next(logits, recent);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            sampler.Next(logits, recent);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        SamplingOptions[] wrong =
        [
            new() { Temperature = -1 }, new() { Temperature = float.NaN }, new() { TopK = -1 }, new() { TopP = 0 }, new() { TopP = 1.1f },
            new() { MinP = -0.1f }, new() { RepeatPenalty = 0 }, new() { MaxTokens = -1 }, new() { Stop = [""] },
        ];
        foreach (var options in wrong)
            Should.Throw<ArgumentOutOfRangeException>(() => new Sampler(options, 10)).Message.ShouldContain("must be");
    }

    private static double[] Definition(SamplingOptions options, float[] logits, int[] recent)
    {
        var scores = logits.Select(logit => (double)logit).ToArray();
        foreach (var id in recent.TakeLast(options.RepeatWindow).Distinct())
            scores[id] = scores[id] > 0 ? scores[id] / options.RepeatPenalty : scores[id] * options.RepeatPenalty;
        var order = Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).ThenBy(id => id).ToList();
        var weights = scores.Select(score => Math.Exp((score - scores.Max()) / options.Temperature)).ToArray();
        if (options.TopK > 0)
            order = [.. order.Take(options.TopK)];
        if (options.TopP < 1)
        {
            var total = order.Sum(id => weights[id]);
            var kept = 0;
            for (var sum = 0.0; sum < options.TopP * total; kept++)
                sum += weights[order[kept]];
            order = [.. order.Take(kept)];
        }
        order = [.. order.Where(id => weights[id] >= options.MinP * weights[order[0]])];
        var result = new double[scores.Length];
        foreach (var id in order)
            result[id] = weights[id] / order.Sum(other => weights[other]);
        return result;
    }
}
