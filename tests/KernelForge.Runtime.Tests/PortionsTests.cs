using KernelForge.Runtime;

namespace KernelForge.Runtime.Tests;

/// <summary>Every portion of every step is done once, however far one worker runs ahead.</summary>
public sealed class PortionsTests
{
    // No barrier parts the steps here: worker 1 ends the first and deals the second while worker 0 is still in the first.
    [Fact]
    public void A_worker_that_is_behind_does_not_take_portions_of_the_next_step()
    {
        using var portions = new Portions(2);
        portions.Deal(0, 4);
        portions.Deal(1, 4);
        All(portions, 1, 4).Order().ShouldBe([0, 1, 2, 3]);

        portions.Deal(1, 6);
        nint[] ahead = [portions.Take(1, 6), portions.Take(1, 6), portions.Take(1, 6), portions.Take(1, 6)];
        portions.Take(0, 4).ShouldBe(-1, "nothing is left of the first step");

        portions.Deal(0, 6);
        All(portions, 0, 6).Concat(ahead).Order().ShouldBe([0, 1, 2, 3, 4, 5]);
        portions.Take(1, 6).ShouldBe(-1);
    }

    private static List<nint> All(Portions portions, int worker, nint count)
    {
        var taken = new List<nint>();
        for (nint portion; (portion = portions.Take(worker, count)) >= 0;)
            taken.Add(portion);
        return taken;
    }
}
