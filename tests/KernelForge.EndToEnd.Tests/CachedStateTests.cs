using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.RandomModels;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// Latents and what convolutions keep belong to the session's cache: generated code equals the contract bit for bit however the session came to its
/// tokens, on one thread and two, whole, in pieces, token by token, by fork, after truncation, from a stream, and in a batch.
/// </summary>
public sealed class CachedStateTests
{
    [Theory]
    [InlineData("lfm2")]
    [InlineData("deepseek_v3")]
    public void EqualsTheContract(string kind) => Check(kind, KeyValueFormat.F16);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("lfm2", KeyValueFormat.Int8)]
    [InlineData("lfm2", KeyValueFormat.F32)]
    [InlineData("deepseek_v2", KeyValueFormat.Int8)]
    [InlineData("deepseek_v3", KeyValueFormat.F32)]
    [InlineData("minicpm3", KeyValueFormat.F16)]
    public void EqualsTheContractInEveryFormat(string kind, KeyValueFormat cache) => Check(kind, cache);

    /// <summary>Matrices of codes, among them those of which each head has its own.</summary>
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(WeightType.Q4_0, WeightType.Q8_0, WeightType.Q4_1)]
    [InlineData(WeightType.Q8_0)]
    [InlineData(WeightType.BF16, WeightType.F16)]
    public void EqualsTheContractOfCodes(params WeightType[] types) => Check(folder => RandomLatentModel.Save(folder, types), KeyValueFormat.Int8);

    private static void Check(string kind, KeyValueFormat cache) => Check(folder => RandomFolder.Write(folder, kind), cache);

    private static void Check(Func<string, string> write, KeyValueFormat cache)
    {
        using var folder = new ScratchFolder();
        using var compiled = new CompiledModel(write(folder.Root), ActivationMode.Int12, InstructionSets.Selected.ToString());
        var tokens = Enumerable.Range(0, 140).Select(i => i * i * 37 % compiled.Plan.Vocabulary).ToArray();
        var expected = compiled.Expected(tokens, cache);
        using var one = compiled.Load(cache, threads: 1);
        using var two = compiled.Load(cache, threads: 2, chunk: 24);

        Comparison.FirstBitDifference(expected, SessionRuns.Score(one, tokens)).ShouldBeNull("whole");
        Comparison.FirstBitDifference(expected, SessionRuns.Score(two, tokens, piece: 37)).ShouldBeNull("in pieces on two threads");
        Comparison.FirstBitDifference(expected, SessionRuns.Score(two, tokens, piece: 1)).ShouldBeNull("token by token on two threads");
        Moves(two, tokens, expected);
    }

    private static void Moves(LanguageModel model, int[] tokens, float[][] expected)
    {
        using var session = model.CreateSession();
        session.Prefill(tokens.AsSpan(0, 130));
        using var fork = session.Fork();

        // Back over the end of a page, onto it, and into the middle of one; what was there before is other tokens' state.
        foreach (var length in new[] { 129, 127, 66, 65, 64, 2 })
        {
            session.Truncate(length);
            Rest(session, "truncated");
            session.Truncate(length);
        }

        Rest(fork, "forked");
        using var stream = new MemoryStream();
        using (var shorter = fork.Fork())
        {
            shorter.Truncate(67);
            shorter.Save(stream);
        }

        stream.Position = 0;
        using var restored = model.RestoreSession(stream);
        using var longer = fork.Fork();
        longer.Truncate(101);
        model.DecodeBatch([session, restored, longer], [tokens[2], tokens[67], tokens[101]]);
        Comparison.FirstBitDifference([expected[2], expected[67], expected[101]], [session.Logits.ToArray(), restored.Logits.ToArray(), longer.Logits.ToArray()]).ShouldBeNull("in a batch");
        Rest(restored, "restored");

        void Rest(Session from, string how)
        {
            var length = from.Length;
            var logits = new float[(tokens.Length - length) * model.Vocabulary];
            from.Score(tokens.AsSpan(length), logits);
            Comparison.FirstBitDifference(expected[length..], [.. logits.Chunk(model.Vocabulary)]).ShouldBeNull($"{how} to {length}");
        }
    }
}
