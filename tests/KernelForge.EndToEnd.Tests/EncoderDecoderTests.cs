using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.Contract;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code of models that read a text before they write equals the contract interpreter bit for bit, and gives what the reference implementation gives.</summary>
public sealed class EncoderDecoderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-encoder-decoder-");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>Texts of less and of more than a page, alone, forked, saved and in a batch; heads of the decoder are others than the encoder's.</summary>
    [Theory]
    [InlineData("bart", 70)]
    [InlineData("t5", 170)]
    public void EqualsTheContract(string kind, int length) => Check(kind, length);

    [Fact]
    [Trait("Category", "Long")]
    public void EqualsTheContractWithAGate() => Check("t5-v1.1", 200);

    [Fact]
    public void ASessionTakesWhatWasFoundBeforeAndReadsWhatFits()
    {
        using var compiled = new CompiledModel(RandomBartFolder.Write(_directory.FullName), ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F16);
        model.LongestInput.ShouldBe(RandomBartFolder.Context);
        using (var session = model.CreateSession(RandomBartFolder.Tokens(70, 1)))
        {
            session.PrefillGreedy(RandomBartFolder.Tokens(3, 2));
            model.SessionMemory.ShouldBe(model.MemoryOfSession(3, logits: false, input: 70));
        }

        Should.Throw<InvalidOperationException>(() => model.CreateSession()).Message.ShouldContain("encoder_input_ids");
        Should.Throw<ArgumentException>(() => model.CreateSession(Array.Empty<int>()));
        Should.Throw<ArgumentOutOfRangeException>(() => model.CreateSession([RandomBartFolder.Vocabulary]));
        Should.Throw<ContextFullException>(() => model.CreateSession(new int[RandomBartFolder.Context + 1])).Capacity.ShouldBe(RandomBartFolder.Context);
    }

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("bart")]
    [InlineData("t5")]
    public void GivesTheGoldenLogits(string name)
    {
        var path = Repository.Golden($"checkpoints/{name}/golden.json");
        using var compiled = new CompiledModel(Path.GetDirectoryName(path)!, ActivationMode.Float, InstructionSets.Selected.ToString());
        using var model = compiled.Load(KeyValueFormat.F32, threads: 2);
        using var golden = SafetensorsFile.Open(Path.ChangeExtension(path, "safetensors"));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(path));
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var (text, tokens) = (GoldenAnswers.Ids(item, "encoder_input_ids"), GoldenAnswers.Ids(item, "input_ids"));
            var actual = Score(model, text, tokens);

            Comparison.FirstBitDifference(Expected(compiled, KeyValueFormat.F32, text, tokens), actual).ShouldBeNull();
            GoldenAnswers.ShouldBeNear(golden, count++, actual);
            using var session = model.CreateSession(text);
            GoldenAnswers.ShouldBeGiven(session, item);
        }

        count.ShouldBeGreaterThan(0);
    }

    private void Check(string kind, int length)
    {
        var folder = kind == "bart" ? RandomBartFolder.Write(_directory.FullName) : RandomT5Folder.Write(_directory.FullName, kind);
        using var compiled = new CompiledModel(folder, ActivationMode.Int12, InstructionSets.Selected.ToString());
        var (text, other, tokens) = (RandomBartFolder.Tokens(length, 1), RandomBartFolder.Tokens(5, 2), RandomBartFolder.Tokens(20, 3));
        foreach (var cache in new[] { KeyValueFormat.F32, KeyValueFormat.F16, KeyValueFormat.Int8 })
        {
            using var model = compiled.Load(cache, threads: 2, chunk: 8);
            var expected = Expected(compiled, cache, text, tokens);
            Comparison.FirstBitDifference(expected, Score(model, text, tokens)).ShouldBeNull($"{cache}");
            Comparison.FirstBitDifference(Expected(compiled, cache, other, tokens), Score(model, other, tokens)).ShouldBeNull($"{cache}, short");

            using var session = model.CreateSession(text);
            using var apart = model.CreateSession(other);
            session.Prefill(tokens.AsSpan(0, 18));
            apart.Prefill(tokens.AsSpan(0, 9));
            using var fork = session.Fork();
            using var saved = new MemoryStream();
            session.Save(saved);
            saved.Position = 0;
            using var restored = model.RestoreSession(saved);
            session.Dispose();
            model.DecodeBatch([fork, apart], [tokens[18], tokens[9]]);
            Comparison.FirstBitDifference([expected[18]], [fork.Logits.ToArray()]).ShouldBeNull($"{cache}, forked");
            Comparison.FirstBitDifference([Expected(compiled, cache, other, tokens)[9]], [apart.Logits.ToArray()]).ShouldBeNull($"{cache}, batch");
            Comparison.FirstBitDifference([expected[18]], [restored.Decode(tokens[18]).ToArray()]).ShouldBeNull($"{cache}, restored");
        }
    }

    private static float[][] Expected(CompiledModel compiled, KeyValueFormat cache, int[] text, int[] tokens) =>
        compiled.Contract.Forward([new ReferenceRows(compiled.Contract.NewSequence((CacheFormat)cache, text), tokens)]);

    private static float[][] Score(LanguageModel model, int[] text, int[] tokens)
    {
        using var session = model.CreateSession(text);
        var logits = new float[tokens.Length * model.Vocabulary];
        session.Score(tokens, logits);
        return [.. logits.Chunk(model.Vocabulary)];
    }
}
