using System.Text.Json;
using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>A small mixture of experts that was trained on books: the reference's tokens, its greedy answers and its perplexity.</summary>
[Trait("Category", "Long")]
public class TrainedMixtureTests
{
    [SkippableTheory]
    [InlineData(ActivationMode.Float, KeyValueFormat.F32, 1e-3, 1e-6)]
    [InlineData(ActivationMode.Int12, KeyValueFormat.F16, 0.05, 1e-3)]
    [InlineData(ActivationMode.Int8, KeyValueFormat.Int8, 0.25, 0.01)]
    public void SaysWhatTheReferenceSays(ActivationMode activations, KeyValueFormat cache, double decidingMargin, double loss)
    {
        using var compiled = new CompiledModel(Repository.Golden("moe-tales/tales-moe-8m-Q8_0.gguf"), activations, InstructionSets.Selected.ToString());
        using var model = compiled.Load(cache, threads: 2);
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("moe-tales/golden.json")));
        var compared = 0;
        foreach (var answer in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            var prompt = answer.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            model.Tokenizer.Encode(answer.GetProperty("prompt").GetString()!).ShouldBe(prompt);
            using var session = model.CreateSession();
            var best = session.PrefillGreedy(prompt);
            foreach (var (token, margin) in answer.GetProperty("greedy").EnumerateArray().Zip(answer.GetProperty("greedy_margin").EnumerateArray()))
            {
                if (margin.GetDouble() >= decidingMargin)
                {
                    best.ShouldBe(token.GetInt32(), $"after {session.Length} tokens of '{answer.GetProperty("prompt").GetString()}'");
                    compared++;
                }

                best = session.DecodeGreedy(token.GetInt32());
            }
        }

        // Most steps decide by more than the margin; a test that compares none proves nothing.
        compared.ShouldBeGreaterThan(100);
        var expected = golden.RootElement.GetProperty("perplexity");
        var text = model.Tokenizer.Encode(File.ReadAllText(Repository.Golden("moe-tales/valid.txt")));
        Perplexity.Of(text, expected.GetProperty("window").GetInt32(), window => SessionRuns.Score(model, window))
            .ShouldBe(expected.GetProperty("perplexity").GetDouble(), expected.GetProperty("perplexity").GetDouble() * loss);
    }
}
