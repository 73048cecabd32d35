using KernelForge.Graphs;

namespace KernelForge.Reference.Tests;

/// <summary>Choices of experts, computed by hand.</summary>
public class ExpertChoiceTests
{
    [Fact]
    public void A_sparse_mixer_shares_among_those_near_the_largest()
    {
        // 0.99 is within 2 % of 1 and shares with it; once 1 is chosen, nothing is near 0.99.
        var weights = ExpertChoice.Of(new Routing(2, RoutingScore.SparseMixer, Margin: 0.02f), [0.5, 0.99, -3, 1], correction: null);

        weights.Keys.ShouldBe([1, 3]);
        weights[3].ShouldBe(1 / (1 + Math.Exp(-0.01)), 1e-12);
        weights[1].ShouldBe(1, 1e-12);
    }

    [Fact]
    public void A_sparse_mixer_measures_by_the_larger_magnitude()
    {
        // The largest is negative: -2 lies 1 from it, half of its own magnitude.
        var weights = ExpertChoice.Of(new Routing(1, RoutingScore.SparseMixer, Margin: 0.6f), [-1, -2, -9], correction: null);

        weights[0].ShouldBe(1 / (1 + Math.Exp(-1)), 1e-12);
    }

    [Theory]
    [InlineData(1, new[] { 0, 1 })]
    [InlineData(2, new[] { 2, 3 })]
    public void A_group_stands_by_its_best_or_its_two_best(int groupScore, int[] expected) =>
        ExpertChoice.Of(new Routing(2, RoutingScore.Sigmoid, Groups: 2, ActiveGroups: 1, GroupScore: groupScore), [2, -4, 1, 1], correction: null).Keys.ShouldBe(expected);
}
