namespace KernelForge.Runtime.Tests;

/// <summary>What sessions take is known before, kept within a limit, and given back.</summary>
public sealed class SessionMemoryTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    public void A_session_takes_what_was_said_before(int tokens)
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { Context = 300 });
        var (greedy, all) = (model.MemoryOfSession(tokens, logits: false), model.MemoryOfSession(tokens));
        model.SessionMemory.ShouldBe(0);

        using var session = model.CreateSession();
        if (tokens > 0)
            session.PrefillGreedy(SessionTests.Random(1, tokens));
        model.SessionMemory.ShouldBe(greedy);
        if (tokens == 0)
            return;
        session.Truncate(tokens - 1);
        session.Prefill([3]);
        model.SessionMemory.ShouldBe(all);
    }

    [Fact]
    public void All_memory_comes_back_but_for_pages_that_wait_for_the_next_session()
    {
        using var model = FakeModel.Load(_folder);
        for (var i = 0; i < 3; i++)
        {
            using var session = model.CreateSession();
            session.Prefill(SessionTests.Random(i, 200));
            using var fork = session.Fork();
            fork.Decode(1);
        }

        model.Pages.InUse.ShouldBe(0);
        (model.SessionMemory % PageBlock(model)).ShouldBe(0);
        (model.SessionMemory / PageBlock(model)).ShouldBe(5);
    }

    [Fact]
    public void A_limit_holds_for_all_sessions_together_and_hurts_only_the_one_that_asks()
    {
        using var sizes = FakeModel.Load(_folder);
        var limit = sizes.MemoryOfSession(130) + sizes.MemoryOfSession(100);
        using var model = FakeModel.Load(_folder, new ModelOptions { MemoryLimit = limit });
        using var first = model.CreateSession();
        var tokens = SessionTests.Random(1, 130);
        first.Prefill(tokens);
        using var second = model.CreateSession();
        second.Prefill(tokens.AsSpan(0, 100));

        var error = Should.Throw<SessionMemoryException>(() => second.Prefill(tokens.AsSpan(0, 60)));

        error.Limit.ShouldBe(limit);
        error.Message.ShouldContain("MemoryLimit");
        model.SessionMemory.ShouldBeLessThanOrEqualTo(limit);
        second.Length.ShouldBe(100);
        second.Decode(7).ToArray().ShouldBe(FakeModel.Expected([.. tokens[..100], 7]));
        first.Decode(8).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 8]));
        Should.Throw<SessionMemoryException>(() => model.CreateSession());
        Should.Throw<SessionMemoryException>(() => second.Fork());
        first.Dispose();
        second.Prefill(tokens.AsSpan(0, 60));
        second.Logits.ToArray().ShouldBe(FakeModel.Expected([.. tokens[..100], 7, .. tokens[..60]]));
    }

    /// <summary>Pages that nobody holds must not keep a session from starting.</summary>
    [Fact]
    public void Idle_pages_make_room_for_what_is_no_page()
    {
        using var sizes = FakeModel.Load(_folder);
        using var model = FakeModel.Load(_folder, new ModelOptions { MemoryLimit = sizes.MemoryOfSession(1024) });
        using (var session = model.CreateSession())
            session.Prefill(SessionTests.Random(1, 1024));
        var many = Enumerable.Range(0, 10).Select(_ => model.CreateSession()).ToList();

        many.ForEach(session => session.DecodeGreedy(1));
        many.ForEach(session => session.Dispose());
        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void A_batch_that_finds_no_memory_adds_nothing_and_can_be_asked_again()
    {
        using var sizes = FakeModel.Load(_folder);
        var limit = (2 * sizes.MemoryOfSession(64)) + PageBlock(sizes);
        using var model = FakeModel.Load(_folder, new ModelOptions { MemoryLimit = limit });
        var tokens = SessionTests.Random(1, 64);
        Session[] sessions = [model.CreateSession(), model.CreateSession()];
        foreach (var session in sessions)
            session.Prefill(tokens);

        Should.Throw<SessionMemoryException>(() => model.DecodeBatch(sessions, [1, 2]));
        sessions.ShouldAllBe(session => session.Length == 64);
        sessions[1].Truncate(10);
        model.DecodeBatch(sessions, [1, 2]);

        sessions[0].Logits.ToArray().ShouldBe(FakeModel.Expected([.. tokens, 1]));
        sessions[1].Logits.ToArray().ShouldBe(FakeModel.Expected([.. tokens[..10], 2]));
    }

    [Fact]
    public void Lengths_that_no_session_has_are_refused()
    {
        using var model = FakeModel.Load(_folder);
        Should.Throw<ArgumentOutOfRangeException>(() => model.MemoryOfSession(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => model.MemoryOfSession(1025));
        Should.Throw<ArgumentOutOfRangeException>(() => FakeModel.Load(_folder, new ModelOptions { MemoryLimit = -1 })).Message.ShouldContain("MemoryLimit");
    }

    private static long PageBlock(LanguageModel model) => model.MemoryOfSession(64) - model.MemoryOfSession(0);
}
