namespace KernelForge.Runtime.Tests;

/// <summary>Every portion of every step is taken once, whoever is ahead: steps follow each other without a barrier between.</summary>
public sealed class PortionsTests
{
    [Fact]
    public void A_worker_that_is_ahead_is_dealt_nothing_of_a_step_that_is_done()
    {
        using var portions = new Portions(2);
        portions.Deal(0, 8);
        portions.Deal(1, 8);
        Take(portions, 0, 8, times: 4).ShouldBe([0, 1, 2, 3]);
        Take(portions, 1, 8, times: 5).ShouldBe([4, 5, 6, 7, -1]);

        // The second goes on and computes its last portion of the next step, while the first looks for more of the first step.
        portions.Deal(1, 4);
        Take(portions, 1, 4, times: 2).ShouldBe([2, 3]);
        portions.Take(0, 8).ShouldBe(-1);

        // The second finds the share of the first, who has not come yet, and the first finds nothing.
        Take(portions, 1, 4, times: 3).ShouldBe([1, 0, -1]);
        portions.Deal(0, 4);
        portions.Take(0, 4).ShouldBe(-1);
    }

    [Fact]
    public void A_worker_that_sleeps_through_steps_finds_nothing_of_them()
    {
        using var portions = new Portions(2);
        portions.Deal(1, 2);
        portions.Take(1, 2).ShouldBe(1); // and falls asleep in it
        for (var step = 0; step < 3; step++)
        {
            portions.Deal(0, 2);
            var taken = Take(portions, 0, 2, times: 3);
            taken.ShouldBe(step == 0 ? [0, -1, -1] : [0, 1, -1]);
        }

        portions.Take(1, 2).ShouldBe(-1);
        for (var step = 1; step < 3; step++)
        {
            portions.Deal(1, 2);
            portions.Take(1, 2).ShouldBe(-1);
        }
    }

    [Fact]
    public void A_share_that_was_skipped_is_still_dealt()
    {
        using var portions = new Portions(2);
        portions.Deal(1, 4);
        portions.Deal(0, 4);
        Take(portions, 0, 4, times: 3).ShouldBe([0, 1, 3]);

        // The first goes on to the third step while the second still is to take its last portion of the first one.
        portions.Deal(0, 0);
        portions.Take(0, 0).ShouldBe(-1);
        portions.Deal(0, 2);
        portions.Take(1, 4).ShouldBe(2);
        Take(portions, 0, 2, times: 2).ShouldBe([0, -1]);

        portions.Deal(1, 0);
        portions.Take(1, 0).ShouldBe(-1);
        portions.Deal(1, 2);
        Take(portions, 1, 2, times: 2).ShouldBe([1, -1]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void However_workers_are_delayed_each_portion_is_taken_once(int workers)
    {
        const int steps = 3000;
        using var portions = new Portions(workers);
        using var team = new ThreadTeam(workers);
        var counts = Enumerable.Range(0, steps).Select(step => new int[1 + (step * 7 % 13)]).ToArray();
        var outside = 0;
        team.Run(worker =>
        {
            var random = new Random(worker);
            for (var step = 0; step < steps; step++)
            {
                portions.Deal(worker, counts[step].Length);
                for (nint portion; (portion = portions.Take(worker, counts[step].Length)) >= 0;)
                {
                    if (portion < counts[step].Length)
                        Interlocked.Increment(ref counts[step][portion]);
                    else
                        Interlocked.Increment(ref outside);
                    if (random.Next(8) == 0)
                        Thread.Yield();
                }
            }
        });

        outside.ShouldBe(0);
        counts.SelectMany(step => step).ShouldAllBe(count => count == 1);
    }

    private static nint[] Take(Portions portions, int worker, nint count, int times) => [.. Enumerable.Range(0, times).Select(_ => portions.Take(worker, count))];
}
