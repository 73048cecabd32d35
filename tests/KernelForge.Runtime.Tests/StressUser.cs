namespace KernelForge.Runtime.Tests;

/// <summary>How an answer under load ended.</summary>
internal enum StressEnding
{
    /// <summary>By itself or by its length.</summary>
    Whole,
    ContextFull,
    Cancelled,
    ReceiverThrew,
    Disposed,
    OutOfMemory,
}

/// <summary>One user of a model under load, who compares all that he gets with what the model's definition says.</summary>
internal sealed class StressUser(FakeModel model, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>How often each ending came.</summary>
    public int[] Endings { get; } = new int[Enum.GetValues<StressEnding>().Length];

    /// <summary>Works until a time.</summary>
    public void Work(DateTime end)
    {
        while (DateTime.UtcNow < end)
        {
            try
            {
                using var session = model.CreateSession();
                Use(session);
            }
            catch (SessionMemoryException)
            {
                Endings[(int)StressEnding.OutOfMemory]++;
            }
            catch (ObjectDisposedException)
            {
                Endings[(int)StressEnding.Disposed]++;
            }
        }
    }

    private void Use(Session session)
    {
        var known = new List<int>();
        for (var turn = _random.Next(1, 4); turn > 0; turn--)
        {
            if (_random.Next(3) == 0)
                Branch(session, known);
            else
                Answer(session, known);
        }
    }

    /// <summary>Generates text; it is cut short in one of many ways, and the session is used again.</summary>
    private void Answer(Session session, List<int> known)
    {
        var prompt = Prompt(known.Count);
        if (prompt.Length == 0)
            return;
        var options = new SamplingOptions { MaxTokens = _random.Next(1, 60) };
        var generator = new TextGenerator(session, options);
        using var cancel = new CancellationTokenSource();
        var (cause, piece) = (_random.Next(6), _random.Next(1, 30));
        var ending = StressEnding.Whole;
        try
        {
            var stats = generator.Run(prompt, _ => Interrupt(cause, piece--, session, cancel), cancel.Token);
            ending = stats.Finish == FinishReason.ContextFull ? StressEnding.ContextFull : ending;
        }
        catch (OperationCanceledException)
        {
            ending = StressEnding.Cancelled;
        }
        catch (InvalidTimeZoneException)
        {
            ending = StressEnding.ReceiverThrew;
        }
        finally
        {
            Compare(generator.Answer, [.. known, .. prompt], options.MaxTokens, ending == StressEnding.Whole && !IsCut(generator));
        }

        Endings[(int)ending]++;
        Follow(session, known, [.. prompt, .. generator.Answer]);
    }

    private static bool IsCut(TextGenerator generator) => generator.Stats.Finish is FinishReason.Cancelled;

    private static void Interrupt(int cause, int left, Session session, CancellationTokenSource cancel)
    {
        if (left != 0)
            return;
        if (cause == 0)
            cancel.Cancel();
        else if (cause == 1)
            throw new InvalidTimeZoneException();
        else if (cause == 2)
            ThreadPool.QueueUserWorkItem(_ => session.Dispose());
    }

    /// <summary>Forks, lets both sides go on, one token a pass, alone and in one batch.</summary>
    private void Branch(Session session, List<int> known)
    {
        var prompt = Prompt(known.Count);
        if (prompt.Length == 0 || known.Count + prompt.Length + 8 > session.Capacity)
            return;
        int[] sequence = [.. known, .. prompt];
        var next = session.PrefillGreedy(prompt);
        known.AddRange(prompt);
        next.ShouldBe(Best(sequence));
        using var fork = session.Fork();
        Session[] both = [session, fork];
        int[][] sequences = [[.. sequence, next], [.. sequence, _random.Next(FakeModel.Tokens)]];
        var best = new int[2];
        for (var step = 0; step < 4; step++)
        {
            known.Add(sequences[0][^1]);
            model.DecodeBatchGreedy(both, [sequences[0][^1], sequences[1][^1]], best);
            for (var side = 0; side < 2; side++)
            {
                best[side].ShouldBe(Best(sequences[side]));
                sequences[side] = [.. sequences[side], best[side]];
            }
        }
        var keep = _random.Next(known.Count + 1);
        session.Truncate(keep);
        known.RemoveRange(keep, known.Count - keep);
    }

    private int[] Prompt(int used) => SessionTests.Random(_random.Next(), Math.Min(_random.Next(1, 90), 200 - used));

    /// <summary>The session holds the tokens that it was given, whole or not to their end.</summary>
    private static void Follow(Session session, List<int> known, ReadOnlySpan<int> added)
    {
        var tokens = session.Tokens.ToArray();
        int[] all = [.. known, .. added];
        tokens.ShouldBe(all[..tokens.Length]);
        known.Clear();
        known.AddRange(tokens);
    }

    private static void Compare(ReadOnlySpan<int> answer, List<int> sequence, int most, bool whole)
    {
        foreach (var token in answer)
        {
            token.ShouldBe(Best([.. sequence]));
            sequence.Add(token);
        }
        if (whole && answer.Length < most)
            Best([.. sequence]).ShouldBeOneOf(0, 2);
    }

    private static int Best(ReadOnlySpan<int> sequence) => Sampler.ArgMax(FakeModel.Expected(sequence));
}
