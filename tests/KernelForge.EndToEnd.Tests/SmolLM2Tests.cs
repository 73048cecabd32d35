using System.Text.Json;
using KernelForge.Plans;
using KernelForge.Reference;

namespace KernelForge.EndToEnd.Tests;

/// <summary>The embedded model through generated kernels.</summary>
[Collection(SmolLM2Collection.Name)]
public class SmolLM2Tests(SmolLM2Fixture fixture)
{
    /// <summary>Quantized activations move logits by some hundredths; a smaller margin of the reference decides nothing.</summary>
    private const double DecidingMargin = 0.25;

    [Theory]
    [InlineData(1, int.MaxValue)]
    [InlineData(2, int.MaxValue)]
    [InlineData(2, 5)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    public void EqualsTheContractBitForBit(int threads, int piece)
    {
        using var model = fixture.Model.Load(threads: threads);

        Comparison.FirstBitDifference(fixture.Expected, SessionRuns.Score(model, SmolLM2Fixture.Prompt, piece)).ShouldBeNull();
    }

    [Theory]
    [InlineData(KeyValueFormat.Int8)]
    [InlineData(KeyValueFormat.F32)]
    public void EqualsTheContractWithOtherCaches(KeyValueFormat cache)
    {
        var tokens = SmolLM2Fixture.Prompt[..6];
        using var model = fixture.Model.Load(cache, threads: 2);

        Comparison.FirstBitDifference(fixture.Model.Expected(tokens, cache), SessionRuns.Score(model, tokens)).ShouldBeNull();
    }

    [Fact]
    [Trait("Category", "Long")]
    public void EqualsTheContractWithFloatActivations()
    {
        var tokens = SmolLM2Fixture.Prompt[..4];
        using var compiled = new CompiledModel(Repository.SmolLM2, ActivationMode.Float, Runtime.InstructionSets.Selected.ToString());
        using var model = compiled.Load(threads: 2);

        Comparison.FirstBitDifference(compiled.Expected(tokens), SessionRuns.Score(model, tokens)).ShouldBeNull();

        using var quantized = fixture.Model.Load(threads: 2);
        var differences = SessionRuns.Score(model, SmolLM2Fixture.Prompt).Zip(SessionRuns.Score(quantized, SmolLM2Fixture.Prompt), (exact, moved) => exact.Zip(moved, (a, b) => (double)(a - b))).SelectMany(row => row);
        Math.Sqrt(differences.Average(difference => difference * difference)).ShouldBeLessThan(0.1, "how far INT12 moves logits (docs/numerics.md)");
    }

    [Fact]
    public void LongPromptsGiveTheSameWholeInPiecesAndOneByOne()
    {
        var tokens = Enumerable.Range(0, 150).Select(i => (i * 7919) % 49152).ToArray();
        using var whole = fixture.Model.Load(threads: 2);
        using var chunks = fixture.Model.Load(threads: 1, chunk: 33);
        var expected = SessionRuns.Score(whole, tokens);

        Comparison.FirstBitDifference(expected, SessionRuns.Score(chunks, tokens)).ShouldBeNull("in chunks of 33 on one thread");
        Comparison.FirstBitDifference(expected, SessionRuns.Score(whole, tokens, piece: 1)).ShouldBeNull("token by token");
    }

    /// <summary>The registers of a matrix unit once left the run time too little room to turn a fault into an exception, and the process ended.</summary>
    [Fact]
    public void FarFromTheStartWorkersThatDivideHeadsComputeTheSame()
    {
        var tokens = Enumerable.Range(0, 1030).Select(i => (i * 7919) % 49152).ToArray();
        float[][] Decoded(int threads)
        {
            using var model = fixture.Model.Load(threads: threads);
            using var session = model.CreateSession();
            session.Prefill(tokens);
            return [.. Enumerable.Range(1, 3).Select(token => session.Decode(token).ToArray())];
        }

        // Of three key-value heads two workers share one, five all of them.
        var alone = Decoded(1);
        foreach (var threads in new[] { 2, 5 })
            Comparison.FirstBitDifference(alone, Decoded(threads)).ShouldBeNull($"{threads} threads");
    }

    [Fact]
    public void AfterAPassTheCallersOwnFaultsStillAreExceptions()
    {
        using var model = fixture.Model.Load(threads: 2);
        SessionRuns.Score(model, SmolLM2Fixture.Prompt);
        string? nothing = null;

        Should.Throw<NullReferenceException>(() => nothing!.Length);
    }

    [Fact]
    public void ABatchGivesEachSessionWhatItWouldHaveAlone()
    {
        using var model = fixture.Model.Load(threads: 2);
        var sessions = new Session[5];
        for (var i = 0; i < sessions.Length; i++)
        {
            sessions[i] = model.CreateSession();
            sessions[i].Prefill(SmolLM2Fixture.Prompt.AsSpan(0, 9 - i));
        }

        model.DecodeBatch(sessions, [.. Enumerable.Range(0, sessions.Length).Select(i => SmolLM2Fixture.Prompt[9 - i])]);

        for (var i = 0; i < sessions.Length; i++)
        {
            Comparison.FirstBitDifference([fixture.Expected[9 - i]], [sessions[i].Logits.ToArray()]).ShouldBeNull($"session {i}");
            sessions[i].Dispose();
        }
    }

    [Fact]
    public void GreedyChoosesTheLargestLogit()
    {
        using var model = fixture.Model.Load(threads: 2);
        using var session = model.CreateSession();

        session.PrefillGreedy(SmolLM2Fixture.Prompt).ShouldBe(Reference.Numerics.ArgMax.Of(fixture.Expected[^1]));
    }

    [Fact]
    public void ChoosesWhatTheReferenceChoosesWhereItsMarginDecides()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Data("smollm2.json")));
        using var model = fixture.Model.Load(threads: 2);
        var cases = golden.RootElement.GetProperty("chat").EnumerateArray().Concat(golden.RootElement.GetProperty("raw").EnumerateArray());
        foreach (var element in cases)
        {
            var input = Ids(element, "input_ids");
            var greedy = Ids(element, "greedy");
            using var session = model.CreateSession();
            session.Prefill(input);
            for (var step = 0; step < greedy.Length; step++)
            {
                if (element.GetProperty("greedy_margin")[step].GetDouble() >= DecidingMargin)
                    Reference.Numerics.ArgMax.Of(session.Logits).ShouldBe(greedy[step], $"step {step} after {input.Length} tokens");
                session.Decode(greedy[step]);
            }
        }
    }

    [Fact]
    public void NamesTheCapitalOfFrance()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Data("smollm2.json")));
        var chat = golden.RootElement.GetProperty("chat")[0];
        using var model = fixture.Model.Load(threads: 2);
        using var session = model.CreateSession();
        var answer = new List<int> { session.PrefillGreedy(Ids(chat, "input_ids")) };
        while (answer.Count < 16)
            answer.Add(session.DecodeGreedy(answer[^1]));

        chat.GetProperty("prompt").GetString()!.ShouldContain("capital of France");
        model.Tokenizer.Decode([.. answer]).ShouldContain("Paris");
    }

    private static int[] Ids(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
