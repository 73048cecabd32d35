namespace KernelForge.Cli.Tests;

/// <summary><c>kforge run --expert-stats</c>.</summary>
[Collection("kforge")]
public class ExpertStatsTests(Kforge kforge)
{
    [SkippableFact]
    public void Every_token_is_counted_once_for_each_of_its_experts()
    {
        var model = Repository.Golden("gguf/mixtral.gguf");
        var (code, _, error) = Kforge.Run("run", model, "--raw", "-p", "the cat", "--max-tokens", "4", "--expert-stats");

        code.ShouldBe(0, error);
        var layers = error.Split('\n').Where(line => line.StartsWith("layer ", StringComparison.Ordinal)).ToArray();
        layers.Length.ShouldBeGreaterThan(1);
        var sums = layers.Select(line => line.Split(": ")[1].Split(' ').Sum(long.Parse)).Distinct().ToArray();
        sums.Length.ShouldBe(1, error);
        sums[0].ShouldBeGreaterThan(0);
        (sums[0] % 2).ShouldBe(0, "two experts a token");
    }

    [Fact]
    public void A_model_without_experts_says_so()
    {
        var (code, _, error) = Kforge.Run("run", kforge.Model("random.gguf"), "--raw", "-p", "a", "--max-tokens", "1", "--expert-stats");
        code.ShouldNotBe(0);
        error.ShouldContain("no mixture of experts");
    }
}
