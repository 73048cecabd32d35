using KernelForge.Reference;

namespace KernelForge.EndToEnd.Tests;

/// <summary>What quantized activations and an f16 cache cost in accuracy.</summary>
[Collection(SmolLM2Collection.Name)]
public class PerplexityTests(SmolLM2Fixture fixture)
{
    private const double Reference = 23.3595;

    /// <summary>The reference's figure is of the text's first twelve windows.</summary>
    private const int Windows = 12;

    [SkippableFact]
    [Trait("Category", "Long")]
    public void IsAtMostHalfAPercentAboveTheReference()
    {
        var text = File.ReadAllText(Repository.Golden("smollm2-perplexity.txt"));
        using var model = fixture.Model.Load(threads: 2);

        var perplexity = Perplexity.Of(model.Tokenizer.Encode(text)[..(Windows * 512)], 512, window => SessionRuns.Score(model, window));

        perplexity.ShouldBeLessThan(Reference * 1.005);
        perplexity.ShouldBeGreaterThan(Reference * 0.98);
    }
}
