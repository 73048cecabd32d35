using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.RandomModels;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code of encoders equals the contract interpreter bit for bit, and gives what the reference implementation gives.</summary>
public sealed class EncoderTests : IDisposable
{
    private const string State = "last_hidden_state";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-encoder-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EqualsTheContract(int seed) => Check(seed);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void EqualsTheContractForMore(int seed) => Check(seed);

    [SkippableTheory]
    [Trait("Category", "Long")]
    [InlineData("bert", true)]
    [InlineData("modernbert", false)]
    public void GivesTheGoldenStates(string name, bool hasPooler)
    {
        var inputs = Repository.Golden($"checkpoints/{name}/golden.json");
        using var compiled = new CompiledModel(Path.GetDirectoryName(inputs)!, ActivationMode.Float, InstructionSets.Selected.ToString());
        using var model = compiled.Load<EmbeddingModel>(null, 2, 256);
        using var golden = SafetensorsFile.Open(Path.ChangeExtension(inputs, "safetensors"));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(inputs));
        model.HasPooler.ShouldBe(hasPooler);
        var count = 0;
        foreach (var item in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] tokens = [.. item.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];
            var actual = model.Encode(tokens);

            ShouldEqualTheContract(compiled, tokens, [], actual, name);
            Near(golden, $"case{count}.{State}", actual.States);
            if (hasPooler)
                Near(golden, $"case{count}.pooler_output", actual.Pooled);
            count++;
        }

        count.ShouldBeGreaterThan(0);
    }

    private void Check(int seed)
    {
        var random = RandomEncoder.Create(seed);
        var activations = (seed % 4) switch { 0 => ActivationMode.Float, 3 => ActivationMode.Int8, _ => ActivationMode.Int12 };
        var description = $"seed {seed}, {activations}: {random}";
        using var compiled = new CompiledModel(random.Save(_directory.FullName), activations, InstructionSets.Selected.ToString());
        using var one = compiled.Load<EmbeddingModel>(null, 1, 256);
        using var two = compiled.Load<EmbeddingModel>(null, 2, 24);
        int[][] texts = [random.Tokens(70), random.Tokens(1), random.Tokens(9), random.Tokens(12), random.Tokens(random.Context)];
        var types = Enumerable.Range(0, 70).Select(i => i / 40).ToArray();

        ShouldEqualTheContract(compiled, texts[0], types, one.Encode(texts[0], types), description);
        foreach (var text in texts)
            ShouldEqualTheContract(compiled, text, [], two.Encode(text), description);

        var pooling = new[] { Pooling.Mean, Pooling.Mean, Pooling.First, Pooling.Last }[random.PoolingType];
        one.EmbedTokens([texts[0]]).ShouldBe(one.EmbedTokens([texts[0]], new EmbeddingOptions { Pooling = pooling }), description);

        // Whatever a text shares its pass with, its vector is the same.
        var alone = texts.Select(text => one.EmbedTokens([text])[0]).ToArray();
        two.EmbedTokens(texts).ShouldBe(alone, description);
        one.EmbedTokens([.. texts.Reverse()]).Reverse().ShouldBe(alone, description);
    }

    private static void ShouldEqualTheContract(CompiledModel compiled, int[] tokens, int[] types, EncodedText actual, string description)
    {
        var expected = compiled.Contract.Encode(tokens, types);
        Comparison.FirstBitDifference(expected[State], [.. actual.States.ToArray().Chunk(actual.Width)]).ShouldBeNull($"{tokens.Length} tokens, {description}");
        if (expected.TryGetValue("pooler_output", out var pooled))
            Comparison.FirstBitDifference(pooled, [actual.Pooled.ToArray()]).ShouldBeNull($"pooled, {tokens.Length} tokens, {description}");
    }

    private static void Near(SafetensorsFile golden, string name, ReadOnlyMemory<float> actual)
    {
        var expected = golden.Floats(golden.Require(name));
        Comparison.Relative(Array.ConvertAll(expected, x => (double)x), actual.ToArray().Select(x => (double)x)).ShouldBeLessThan(2e-4, name);
    }
}
