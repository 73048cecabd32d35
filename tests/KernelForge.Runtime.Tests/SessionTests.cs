namespace KernelForge.Runtime.Tests;

public sealed class SessionTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(256)]
    public void Logits_do_not_depend_on_how_a_prompt_is_cut(int chunk)
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { PrefillChunk = chunk });
        using var session = model.CreateSession();
        var tokens = Random(1, 300);

        session.Prefill(tokens.AsSpan(0, 130));
        session.Prefill(tokens.AsSpan(130));

        session.Length.ShouldBe(300);
        session.Tokens.ToArray().ShouldBe(tokens);
        session.Logits.ToArray().ShouldBe(FakeModel.Expected(tokens));
    }

    [Fact]
    public void Greedy_forms_return_the_arg_max_of_the_logits()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        using var greedy = model.CreateSession();
        var tokens = Random(2, 20);

        session.Prefill(tokens);
        greedy.PrefillGreedy(tokens).ShouldBe(Sampler.ArgMax(session.Logits));
        greedy.DecodeGreedy(3).ShouldBe(Sampler.ArgMax(session.Decode(3)));
        Should.Throw<InvalidOperationException>(() => _ = greedy.Logits.Length);
    }

    [Fact]
    public void Score_gives_the_logits_after_every_token()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        var tokens = Random(3, 70);
        var logits = new float[70 * FakeModel.Tokens];

        session.Score(tokens, logits);

        for (var i = 0; i < tokens.Length; i++)
            logits.AsSpan(i * FakeModel.Tokens, FakeModel.Tokens).ToArray().ShouldBe(FakeModel.Expected(tokens.AsSpan(0, i + 1)));
    }

    [Fact]
    public void A_fork_shares_pages_until_one_side_writes()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        var tokens = Random(4, 100);
        session.Prefill(tokens);
        model.Pages.InUse.ShouldBe(2);

        using var fork = session.Fork();
        model.Pages.InUse.ShouldBe(2);
        fork.Logits.ToArray().ShouldBe(session.Logits.ToArray());

        session.Decode(1).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 1]));
        model.Pages.InUse.ShouldBe(3);
        fork.Decode(2).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 2]));
        session.Decode(5).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 1, 5]));
        model.Pages.InUse.ShouldBe(3);
    }

    [Fact]
    public void Pages_return_to_the_pool()
    {
        using var model = FakeModel.Load(_folder);
        var session = model.CreateSession();
        session.Prefill(Random(5, 200));
        var fork = session.Fork();
        session.Dispose();
        model.Pages.InUse.ShouldBe(4);
        fork.Truncate(64);
        model.Pages.InUse.ShouldBe(1);
        fork.Dispose();
        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void A_random_walk_of_prefill_fork_and_truncate_always_matches_the_definition()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { PrefillChunk = 48 });
        var random = new Random(6);
        var sessions = new List<(Session Session, List<int> Tokens)> { (model.CreateSession(), []) };
        for (var step = 0; step < 300; step++)
        {
            var (session, tokens) = sessions[random.Next(sessions.Count)];
            switch (random.Next(4))
            {
                case 0 when sessions.Count < 6:
                    sessions.Add((session.Fork(), [.. tokens]));
                    break;
                case 1:
                    var length = random.Next(tokens.Count + 1);
                    session.Truncate(length);
                    tokens.RemoveRange(length, tokens.Count - length);
                    break;
                default:
                    var more = Random(step, 1 + random.Next(90));
                    if (tokens.Count + more.Length > session.Capacity)
                        break;
                    session.Prefill(more);
                    tokens.AddRange(more);
                    session.Logits.ToArray().ShouldBe(FakeModel.Expected(tokens.ToArray()));
                    break;
            }
        }
        sessions.ForEach(pair => pair.Session.Dispose());
        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void A_batch_gives_each_session_what_it_would_get_alone()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { PrefillChunk = 4 });
        var sessions = Enumerable.Range(0, 6).Select(_ => model.CreateSession()).ToArray();
        var sequences = new List<int>[6];
        for (var i = 0; i < 6; i++)
        {
            sequences[i] = [.. Random(10 + i, 30 + (20 * i))];
            sessions[i].Prefill(sequences[i].ToArray());
        }
        int[] tokens = [1, 2, 3, 4, 5, 6];

        model.DecodeBatch(sessions, tokens);
        for (var i = 0; i < 6; i++)
        {
            sequences[i].Add(tokens[i]);
            sessions[i].Logits.ToArray().ShouldBe(FakeModel.Expected(sequences[i].ToArray()));
        }

        var best = new int[6];
        model.DecodeBatchGreedy(sessions, tokens, best);
        for (var i = 0; i < 6; i++)
            best[i].ShouldBe(Sampler.ArgMax(FakeModel.Expected([.. sequences[i], tokens[i]])));
    }

    [Fact]
    public void A_batch_checks_everything_before_it_adds_anything()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { Context = 10 });
        using var other = FakeModel.Load(_folder);
        var full = model.CreateSession();
        full.Prefill(Random(7, 10));
        var session = model.CreateSession();

        Should.Throw<ContextFullException>(() => model.DecodeBatch([session, full], [1, 1]));
        Should.Throw<ArgumentException>(() => model.DecodeBatch([session, session], [1, 1]));
        Should.Throw<ArgumentException>(() => model.DecodeBatch([session], [1, 1]));
        Should.Throw<ArgumentException>(() => model.DecodeBatch([other.CreateSession()], [1]));
        Should.Throw<ArgumentOutOfRangeException>(() => model.DecodeBatch([session], [FakeModel.Tokens]));
        session.Length.ShouldBe(0);
    }

    [Fact]
    public void A_full_context_says_how_full_and_leaves_the_session_as_it_was()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { Context = 100 });
        using var session = model.CreateSession();
        var tokens = Random(8, 90);
        session.Prefill(tokens);

        var error = Should.Throw<ContextFullException>(() => session.Prefill(Random(9, 11)));

        (error.Used, error.Requested, error.Capacity).ShouldBe((90, 11, 100));
        session.Length.ShouldBe(90);
        session.Logits.ToArray().ShouldBe(FakeModel.Expected(tokens));
    }

    [Fact]
    public void Cancellation_between_chunks_keeps_what_was_added()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { PrefillChunk = 10 });
        using var session = model.CreateSession();
        using var cancel = new CancellationTokenSource();
        var passes = 0;
        model.Before = (_, worker) =>
        {
            if (worker == 0 && ++passes == 3)
                cancel.Cancel();
        };
        var tokens = Random(11, 100);

        Should.Throw<OperationCanceledException>(() => session.Prefill(tokens, cancel.Token));
        session.Length.ShouldBe(30);
        model.Before = null;
        session.Prefill(tokens.AsSpan(30));
        session.Logits.ToArray().ShouldBe(FakeModel.Expected(tokens));
    }

    [Fact]
    public void A_failing_pass_leaves_the_session_usable()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        var tokens = Random(12, 70);
        session.Prefill(tokens);
        model.Before = (_, worker) => throw new InvalidTimeZoneException($"{worker}");
        Should.Throw<InvalidTimeZoneException>(() => session.Decode(1));
        model.Before = null;
        session.Length.ShouldBe(70);
        session.Decode(2).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 2]));
    }

    [Fact]
    public void Sessions_run_at_the_same_time()
    {
        using var model = FakeModel.Load(_folder);
        Parallel.For(0, 6, i =>
        {
            using var session = model.CreateSession();
            var tokens = new List<int>(Random(i, 50));
            session.Prefill(tokens.ToArray());
            for (var step = 0; step < 40; step++)
            {
                tokens.Add((step * 7) % FakeModel.Tokens);
                session.Decode(tokens[^1]).ToArray().ShouldBe(FakeModel.Expected(tokens.ToArray()));
            }
        });
        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void Wrong_options_are_refused_by_name()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => FakeModel.Load(_folder, new ModelOptions { Context = 5000 })).Message.ShouldContain("Context");
        Should.Throw<ArgumentOutOfRangeException>(() => FakeModel.Load(_folder, new ModelOptions { PrefillChunk = 0 })).Message.ShouldContain("PrefillChunk");
    }

    [Fact]
    public void After_the_model_is_gone_a_session_says_so()
    {
        var model = FakeModel.Load(_folder);
        var session = model.CreateSession();
        session.Prefill([1, 2]);
        model.Dispose();
        Should.Throw<ObjectDisposedException>(() => session.Decode(1));
        Should.Throw<ObjectDisposedException>(() => session.Fork());
        Should.Throw<ObjectDisposedException>(() => session.Save(Stream.Null));
        Should.Throw<ObjectDisposedException>(() => model.RestoreSession(Stream.Null));
        Should.Throw<ObjectDisposedException>(() => model.CreateSession());
        session.Dispose();
    }

    [Fact]
    public void A_disposed_session_says_so_whatever_is_asked_of_it()
    {
        using var model = FakeModel.Load(_folder);
        var session = model.CreateSession();
        session.Prefill([1, 2]);
        session.Dispose();
        session.Dispose();

        Should.Throw<ObjectDisposedException>(() => _ = session.Tokens.Length);
        Should.Throw<ObjectDisposedException>(() => _ = session.Logits.Length);
        Should.Throw<ObjectDisposedException>(() => session.Prefill([1]));
        Should.Throw<ObjectDisposedException>(() => session.PrefillGreedy([1]));
        Should.Throw<ObjectDisposedException>(() => _ = session.Decode(1).Length);
        Should.Throw<ObjectDisposedException>(() => session.DecodeGreedy(1));
        Should.Throw<ObjectDisposedException>(() => session.Score([1], new float[FakeModel.Tokens]));
        Should.Throw<ObjectDisposedException>(() => session.Truncate(0));
        Should.Throw<ObjectDisposedException>(() => session.Fork());
        Should.Throw<ObjectDisposedException>(() => session.Save(Stream.Null));
        Should.Throw<ObjectDisposedException>(() => model.DecodeBatch([session], [1]));
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_leaves_no_threads_behind()
    {
        var before = System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
        for (var i = 0; i < 40; i++)
            Should.Throw<PackedFileException>(() => FakeModel.Load(_folder, new ModelOptions { Threads = 9 }, rotary: false)).Message.ShouldContain("rotary.0");

        // Tests beside this one start some dozens; 40 teams would be 320.
        (System.Diagnostics.Process.GetCurrentProcess().Threads.Count - before).ShouldBeLessThan(160);
    }

    internal static int[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(FakeModel.Tokens))];
    }
}
