namespace KernelForge.Runtime.Tests;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Nobody_passes_a_barrier_before_all_have_arrived(int workers)
    {
        using var team = new ThreadTeam(workers);
        var steps = new int[workers];
        var early = 0;

        team.Run(worker =>
        {
            for (var step = 1; step <= 200; step++)
            {
                Volatile.Write(ref steps[worker], step);
                team.Barrier(worker);
                for (var other = 0; other < workers; other++)
                {
                    if (Volatile.Read(ref steps[other]) < step)
                        Interlocked.Increment(ref early);
                }
                team.Barrier(worker);
            }
        });

        early.ShouldBe(0);
        steps.ShouldAllBe(step => step == 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_worker_that_fails_fails_the_caller_and_nobody_hangs(int failing)
    {
        using var team = new ThreadTeam(3);
        for (var round = 0; round < 20; round++)
        {
            var error = Should.Throw<InvalidTimeZoneException>(() => team.Run(worker =>
            {
                team.Barrier(worker);
                if (worker == failing)
                    throw new InvalidTimeZoneException("mine");
                team.Barrier(worker);
            }));
            error.Message.ShouldBe("mine");

            var ran = 0;
            team.Run(worker =>
            {
                team.Barrier(worker);
                Interlocked.Increment(ref ran);
                team.Barrier(worker);
            });
            ran.ShouldBe(3);
        }
    }

    [Fact]
    public void Callers_take_turns()
    {
        using var team = new ThreadTeam(2);
        var inside = 0;
        var overlaps = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 50; i++)
            {
                team.Run(worker =>
                {
                    if (worker == 0 && Interlocked.Increment(ref inside) != 1)
                        Interlocked.Increment(ref overlaps);
                    team.Barrier(worker);
                    if (worker == 0)
                        Interlocked.Decrement(ref inside);
                });
            }
        });
        overlaps.ShouldBe(0);
    }

    [Fact]
    public void An_idle_team_sleeps_and_wakes()
    {
        using var team = new ThreadTeam(4);
        for (var round = 0; round < 3; round++)
        {
            SpinWait.SpinUntil(() => team.Sleepers == 3, TimeSpan.FromSeconds(20)).ShouldBeTrue();
            var ran = 0;
            team.Run(_ => Interlocked.Increment(ref ran));
            ran.ShouldBe(4);
        }
    }

    [Fact]
    public void A_worker_that_waits_long_at_a_barrier_sleeps_and_wakes()
    {
        using var team = new ThreadTeam(3);
        var after = 0;
        team.Run(worker =>
        {
            if (worker == 1)
                SpinWait.SpinUntil(() => team.Sleepers == 2, TimeSpan.FromSeconds(20)).ShouldBeTrue();
            team.Barrier(worker);
            Interlocked.Increment(ref after);
        });
        after.ShouldBe(3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_system_that_gives_too_few_threads_is_named_and_none_is_left_behind(int given)
    {
        var started = new List<Thread>();

        var error = Should.Throw<IOException>(() => new ThreadTeam(9, thread =>
        {
            // What the runtime throws where the system refuses a thread.
            if (started.Count == given)
                throw new OutOfMemoryException();
            thread.Start();
            started.Add(thread);
        }));

        error.Message.ShouldContain($"{given + 1} of the 9 threads");
        started.Count.ShouldBe(given);
        started.ShouldAllBe(thread => !thread.IsAlive);
    }

    [Fact]
    public void After_dispose_nothing_runs()
    {
        var team = new ThreadTeam(2);
        team.Dispose();
        team.Dispose();
        Should.Throw<ObjectDisposedException>(() => team.Run(_ => { }));
    }
}
