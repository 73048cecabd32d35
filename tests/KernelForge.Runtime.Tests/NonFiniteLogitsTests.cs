namespace KernelForge.Runtime.Tests;

/// <summary>Logits that are no numbers end in an error whichever worker finds them, and leave the session as it was.</summary>
public sealed class NonFiniteLogitsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<int, float, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, float, int>();
            foreach (var threads in new[] { 1, 2, 3 })
            {
                foreach (var value in new[] { float.NaN, float.PositiveInfinity })
                {
                    foreach (var id in new[] { 0, 7, FakeModel.Tokens - 1 })
                        cases.Add(threads, value, id);
                }
            }
            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Never_give_a_token(int threads, float value, int id)
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { Threads = threads });
        using var session = model.CreateSession();
        using var other = model.CreateSession();
        int[] tokens = [1, 2, 3];
        session.Prefill(tokens);
        other.Prefill(tokens);
        model.Spoil = (id, value);

        Should.Throw<NonFiniteLogitsException>(() => session.DecodeGreedy(4)).Position.ShouldBe(3);
        Should.Throw<NonFiniteLogitsException>(() => session.Decode(4));
        Should.Throw<NonFiniteLogitsException>(() => session.Score([4, 5], new float[2 * FakeModel.Tokens]));
        Should.Throw<NonFiniteLogitsException>(() => model.DecodeBatch([session, other], [4, 4]));
        Should.Throw<NonFiniteLogitsException>(() => model.DecodeBatchGreedy([session, other], [4, 4], new int[2]));

        model.Spoil = null;
        session.Length.ShouldBe(3);
        session.Decode(4).ToArray().ShouldBe(FakeModel.Expected([1, 2, 3, 4]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(100)]
    public void Are_found_at_every_place(int length)
    {
        for (var at = 0; at < length; at++)
        {
            foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                var values = new float[length];
                values[at] = value;
                FiniteNumbers.All(values).ShouldBeFalse();
                values[at] = float.MaxValue;
                FiniteNumbers.All(values).ShouldBeTrue();
            }
        }
    }

    /// <summary>More sessions than a pass takes: the last pass fails, after the first has computed.</summary>
    [Fact]
    public void A_batch_of_several_passes_adds_to_all_or_to_none()
    {
        using var model = FakeModel.Load(_folder, new() { Context = 64, PrefillChunk = 2 });
        var sessions = Enumerable.Range(0, 3).Select(_ => model.CreateSession()).ToArray();
        foreach (var session in sessions)
            session.Prefill([1, 2]);
        model.Before = (pass, _) => model.Spoil = pass.SequenceCount == 1 ? (3, float.NaN) : null;

        Should.Throw<NonFiniteLogitsException>(() => model.DecodeBatch(sessions, [4, 5, 6]));

        sessions.ShouldAllBe(session => session.Length == 2);
        foreach (var session in sessions)
            Should.Throw<InvalidOperationException>(() => session.Logits.Length, "these would be of a token that was not added");
        model.Before = null;
        model.Spoil = null;
        model.DecodeBatch(sessions, [4, 5, 6]);
        sessions.ShouldAllBe(session => session.Length == 3);
        foreach (var session in sessions)
            session.Dispose();
    }
}
