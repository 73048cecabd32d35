using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.Contract;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code of models that hear a sound before they write equals the contract interpreter bit for bit, and gives what the reference implementation gives.</summary>
public sealed class SoundTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-sound-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Sounds of more than a page of states, and of a single one, whose two frames are shared by workers.</summary>
    [Theory]
    [InlineData(70)]
    [InlineData(1)]
    public void EqualsTheContract(int states)
    {
        using var compiled = new CompiledModel(RandomWhisperFolder.Write(_directory.FullName, states), ActivationMode.Int12, InstructionSets.Selected.ToString());
        var (features, tokens) = (RandomWhisperFolder.Features(2 * states, 1), RandomBartFolder.Tokens(20, 3));
        foreach (var cache in new[] { KeyValueFormat.F32, KeyValueFormat.F16, KeyValueFormat.Int8 })
        {
            using var model = compiled.Load(cache, threads: 2, chunk: 8);
            (model.SoundBands, model.SoundFrames, model.LongestInput).ShouldBe((RandomWhisperFolder.Bands, 2 * states, states));
            var expected = Expected(compiled, cache, features, tokens);
            using var session = model.CreateSession(features, 2 * states);
            model.SessionMemory.ShouldBe(model.MemoryOfSession(0, logits: false, input: states));
            using var fork = session.Fork();
            Comparison.FirstBitDifference(expected, Score(session, tokens)).ShouldBeNull($"{cache}");

            // Another session that hears something else changes nothing of what this one has heard.
            using var other = model.CreateSession(RandomWhisperFolder.Features(2 * states, 2), 2 * states);
            Comparison.FirstBitDifference(expected, Score(fork, tokens)).ShouldBeNull($"{cache}, forked");
        }
    }

    [SkippableFact]
    [Trait("Category", "Long")]
    public void GivesTheGoldenLogits()
    {
        var path = Repository.Golden("checkpoints/whisper/golden.json");
        using var compiled = new CompiledModel(Path.GetDirectoryName(path)!, ActivationMode.Float, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F32, threads: 2);
        using var golden = SafetensorsFile.Open(Path.ChangeExtension(path, "safetensors"));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(path));
        var features = golden.Floats(golden.Require("input_features"));
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var tokens = GoldenAnswers.Ids(item, "input_ids");
            using var session = model.CreateSession(features, model.SoundFrames);
            using var fork = session.Fork();
            var actual = Score(session, tokens);

            Comparison.FirstBitDifference(Expected(compiled, KeyValueFormat.F32, features, tokens), actual).ShouldBeNull();
            GoldenAnswers.ShouldBeNear(golden, count++, actual);
            GoldenAnswers.ShouldBeGiven(fork, item);
        }

        count.ShouldBe(3);
    }

    private static float[][] Expected(CompiledModel compiled, KeyValueFormat cache, float[] features, int[] tokens)
    {
        var input = compiled.Plan.Parts[0].Input;
        var frames = new ModelInputs().Add(input, [1, features.Length / input.Most, input.Most], features).Rows(input)[0];
        return compiled.Contract.Forward([new ReferenceRows(compiled.Contract.NewSequence((CacheFormat)cache, frames), tokens)]);
    }

    private static float[][] Score(Session session, int[] tokens)
    {
        var logits = new float[tokens.Length * session.Model.Vocabulary];
        session.Score(tokens, logits);
        return [.. logits.Chunk(session.Model.Vocabulary)];
    }
}
