using System.Text.Json;
using KernelForge.Formats.Safetensors;
using KernelForge.Reference;

namespace KernelForge.EndToEnd.Tests;

/// <summary>What the reference implementation answers, in the cases of a golden folder.</summary>
internal static class GoldenAnswers
{
    private const double Tolerance = 2e-4;
    private const double LeastMargin = 1e-3;

    /// <summary>Logits after each token of a case.</summary>
    public static void ShouldBeNear(SafetensorsFile golden, int number, float[][] actual)
    {
        var logits = golden.Floats(golden.Require($"case{number}.logits"));
        Comparison.Relative(Array.ConvertAll(logits, x => (double)x), actual.SelectMany(row => row).Select(x => (double)x)).ShouldBeLessThan(Tolerance, $"case {number}");
    }

    /// <summary>The greedy answer to a case's tokens, as long as its margins are wide.</summary>
    public static void ShouldBeGiven(Session session, JsonElement item)
    {
        var best = session.PrefillGreedy(Ids(item, "input_ids"));
        foreach (var (expected, _) in Ids(item, "greedy").Zip(item.GetProperty("greedy_margin").EnumerateArray()).TakeWhile(step => step.Second.GetDouble() > LeastMargin))
        {
            best.ShouldBe(expected, $"after {session.Length} tokens");
            best = session.DecodeGreedy(best);
        }
    }

    /// <summary>Token ids of a case.</summary>
    public static int[] Ids(JsonElement item, string key) => [.. item.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
