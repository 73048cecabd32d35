using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.Contract;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code of models some of whose layers attend to rows that a caller gives equals the contract interpreter bit for bit, and gives what the reference implementation gives.</summary>
public sealed class CrossAttentionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-cross-attention-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>States of less and of more than a page and a pass, alone, forked, saved, and in a batch with a session that has read none.</summary>
    [Fact]
    public void EqualsTheContract()
    {
        using var compiled = new CompiledModel(RandomMllamaFolder.Write(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        var (states, other, tokens) = (RandomMllamaFolder.States(70, 1), RandomMllamaFolder.States(3, 2), RandomMllamaFolder.Tokens(20, 3));
        foreach (var cache in new[] { KeyValueFormat.F32, KeyValueFormat.F16, KeyValueFormat.Int8 })
        {
            using var model = compiled.Load(cache, threads: 2, chunk: 8);
            var (expected, apart, alone) = (Expected(compiled, cache, states, tokens), Expected(compiled, cache, other, tokens), compiled.Expected(tokens, cache));
            Comparison.FirstBitDifference(expected, Score(model, states, tokens)).ShouldBeNull($"{cache}");
            Comparison.FirstBitDifference(apart, Score(model, other, tokens)).ShouldBeNull($"{cache}, few states");
            Comparison.FirstBitDifference(alone, SessionRuns.Score(model, tokens)).ShouldBeNull($"{cache}, no states");

            using var first = Session(model, states);
            using var second = Session(model, other);
            using var third = model.CreateSession();
            first.Prefill(tokens.AsSpan(0, 18));
            second.Prefill(tokens.AsSpan(0, 9));
            third.Prefill(tokens.AsSpan(0, 12));
            using var fork = first.Fork();
            using var restored = Restored(model, first);
            using var without = Restored(model, third);
            first.Dispose();
            model.DecodeBatch([fork, third, second, without], [tokens[18], tokens[12], tokens[9], tokens[12]]);
            Comparison.FirstBitDifference([expected[18], alone[12], apart[9], alone[12]], [.. new[] { fork, third, second, without }.Select(session => session.Logits.ToArray())]).ShouldBeNull($"{cache}, batch");
            Comparison.FirstBitDifference([expected[18]], [restored.Decode(tokens[18]).ToArray()]).ShouldBeNull($"{cache}, restored");
        }
    }

    /// <summary>As in its authors' code the layers of cross-attention are passed over.</summary>
    [Fact]
    public void WithoutAnImageItIsTheLlamaOfItsOtherLayers()
    {
        var tokens = RandomMllamaFolder.Tokens(12, 4, extra: 3);
        using var compiled = new CompiledModel(RandomMllamaFolder.Write(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var llama = new CompiledModel(RandomMllamaFolder.WriteWithoutImages(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F16);
        Comparison.FirstBitDifference(llama.Expected(tokens), SessionRuns.Score(model, tokens)).ShouldBeNull();
    }

    [Fact]
    public void ASessionTakesWhatWasFoundBeforeAndReadsWhatFits()
    {
        using var compiled = new CompiledModel(RandomMllamaFolder.Write(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F16);
        (model.NeedsInput, model.InputWidth, model.LongestInput).ShouldBe((false, RandomMllamaFolder.Width, 1 << 15));
        using (var session = Session(model, RandomMllamaFolder.States(70, 1)))
        {
            session.PrefillGreedy(RandomMllamaFolder.Tokens(3, 2));
            model.SessionMemory.ShouldBe(model.MemoryOfSession(3, logits: false, input: 70));
        }

        Should.Throw<InvalidOperationException>(() => model.CreateSession([1])).Message.ShouldContain("rows of 40 numbers");
        Should.Throw<ArgumentException>(() => model.CreateSession(new float[41])).Message.ShouldContain("cross_attention_states has 41 values");
        Should.Throw<ArgumentException>(() => model.CreateSession(Array.Empty<float>())).Message.ShouldContain("one or more rows of 40");
        Should.Throw<ContextFullException>(() => model.CreateSession(new float[((1 << 15) + 1) * 40]));
        var states = RandomMllamaFolder.States(2, 1);
        states[1][3] = float.NaN;
        Should.Throw<ArgumentException>(() => Session(model, states)).Message.ShouldContain("no finite numbers");
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public void GivesTheGoldenLogits()
    {
        var path = Repository.Golden("checkpoints/mllama_text/golden.json");
        using var compiled = new CompiledModel(Path.GetDirectoryName(path)!, ActivationMode.Float, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F32, threads: 2);
        using var golden = SafetensorsFile.Open(Path.ChangeExtension(path, "safetensors"));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(path));
        var states = golden.Floats(golden.Require("cross_attention_states")).Chunk(model.InputWidth).ToArray();
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var tokens = Ids(item, "input_ids");
            var actual = Score(model, states, tokens);

            Comparison.FirstBitDifference(Expected(compiled, KeyValueFormat.F32, states, tokens), actual).ShouldBeNull();
            var logits = golden.Floats(golden.Require($"case{count++}.logits"));
            Comparison.Relative(Array.ConvertAll(logits, x => (double)x), actual.SelectMany(row => row).Select(x => (double)x)).ShouldBeLessThan(1e-5);
            using var session = Session(model, states);
            var best = session.PrefillGreedy(tokens);
            foreach (var (expected, _) in Ids(item, "greedy").Zip(item.GetProperty("greedy_margin").EnumerateArray()).TakeWhile(step => step.Second.GetDouble() > 1e-3))
            {
                best.ShouldBe(expected, $"after {session.Length} tokens");
                best = session.DecodeGreedy(best);
            }
        }

        count.ShouldBe(3);
    }

    private static float[][] Expected(CompiledModel compiled, KeyValueFormat cache, float[][] states, int[] tokens) =>
        compiled.Contract.Forward([new ReferenceRows(compiled.Contract.NewSequence((CacheFormat)cache, states), tokens)]);

    private static Session Session(LanguageModel model, float[][] states) => model.CreateSession(states.SelectMany(row => row).ToArray());

    private static Session Restored(LanguageModel model, Session session)
    {
        using var saved = new MemoryStream();
        session.Save(saved);
        saved.Position = 0;
        return model.RestoreSession(saved);
    }

    private static float[][] Score(LanguageModel model, float[][] states, int[] tokens)
    {
        using var session = Session(model, states);
        var logits = new float[tokens.Length * model.Vocabulary];
        session.Score(tokens, logits);
        return [.. logits.Chunk(model.Vocabulary)];
    }

    private static int[] Ids(JsonElement item, string key) => [.. item.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
