using System.Text.Json;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

/// <summary>The float interpreter against transformers on the embedded model itself.</summary>
public class SmolLM2GoldenTests
{
    /// <summary>The reference is itself float32: a margin below this decides nothing.</summary>
    private const double DecidingMargin = 0.01;

    private static readonly JsonDocument Golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Data("smollm2.json")));

    [Fact]
    public void ReproducesTheLogitsOfPlainText()
    {
        var raw = Golden.RootElement.GetProperty("raw")[0];
        var input = Ids(raw.GetProperty("input_ids"));

        var logits = Run(input);

        var positions = raw.GetProperty("positions");
        for (var position = 0; position < input.Length; position++)
            Check(logits[position], positions[position]);
    }

    [Fact]
    public void ReproducesAChat() => CheckChat(Golden.RootElement.GetProperty("chat")[0]);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void ReproducesTheOtherChats(int chat) => CheckChat(Golden.RootElement.GetProperty("chat")[chat]);

    [Fact]
    [Trait("Category", "Long")]
    public void ReproducesTheContinuationOfPlainText() => CheckContinuation(Golden.RootElement.GetProperty("raw")[0]);

    private static void CheckChat(JsonElement chat)
    {
        var logits = CheckContinuation(chat);
        Check(logits[0], chat.GetProperty("last_position"));
    }

    /// <summary>Feeds prompt and continuation at once; gives the logits from the prompt's last token on.</summary>
    private static double[][] CheckContinuation(JsonElement element)
    {
        var input = Ids(element.GetProperty("input_ids"));
        var greedy = Ids(element.GetProperty("greedy"));
        var margins = element.GetProperty("greedy_margin");

        var logits = Run([.. input, .. greedy[..^1]], [.. Enumerable.Range(input.Length - 1, greedy.Length)]);

        for (var step = 0; step < greedy.Length; step++)
        {
            if (margins[step].GetDouble() >= DecidingMargin)
                Array.IndexOf(logits[step], logits[step].Max()).ShouldBe(greedy[step], $"step {step}");
        }

        return logits;
    }

    private static void Check(double[] logits, JsonElement expected)
    {
        var ids = Ids(expected.GetProperty("top_ids"));
        var top = expected.GetProperty("top_logits").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        Comparison.Relative(top, ids.Select(id => logits[id])).ShouldBeLessThan(1e-4);
        var largest = logits.Max();
        var logSumExp = largest + Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
        logSumExp.ShouldBe(expected.GetProperty("logsumexp").GetDouble(), 1e-3);
    }

    private static double[][] Run(int[] tokens, int[]? rows = null)
    {
        using var model = ModelSource.OpenGguf(Repository.SmolLM2);
        return new FloatInterpreter(GgufGoldenTests.Graph(Repository.SmolLM2), model.Values).Forward(tokens, rows);
    }

    private static int[] Ids(JsonElement element) => [.. element.EnumerateArray().Select(id => id.GetInt32())];
}
