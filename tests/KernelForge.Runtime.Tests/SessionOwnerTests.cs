using KernelForge.Runtime.Tests.Text;

namespace KernelForge.Runtime.Tests;

/// <summary>A session that two threads want, one of them to end it.</summary>
public sealed class SessionOwnerTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Disposal_waits_for_the_pass_that_runs_and_no_page_is_lent_twice()
    {
        using var model = FakeModel.Load(_folder);
        var session = model.CreateSession();
        session.Prefill([1, 2, 3]);
        using var running = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        model.Before = (_, worker) =>
        {
            if (worker != 0)
                return;
            running.Set();
            goOn.Wait();
        };
        var pass = Task.Factory.StartNew(() => session.DecodeGreedy(4), TaskCreationOptions.LongRunning);
        running.Wait();

        session.Dispose();
        model.Pages.InUse.ShouldBe(1);
        Should.Throw<ObjectDisposedException>(() => session.DecodeGreedy(5));
        model.Before = null;
        goOn.Set();
        await pass;

        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void A_second_thread_is_told_that_the_session_is_in_use()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        using var other = model.CreateSession();
        Exception? refused = null;
        model.Before = (_, worker) =>
        {
            if (worker != 0)
                return;
            model.Before = null;
            refused = Task.Factory.StartNew(() => Record(() => session.Truncate(0)), TaskCreationOptions.LongRunning).GetAwaiter().GetResult();
        };

        session.PrefillGreedy([1, 2, 3]);

        refused.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("one thread at a time");
        session.Length.ShouldBe(3);
    }

    /// <summary>Its logits must not be freed under the sampler, nor may the text go on.</summary>
    [Fact]
    public void A_receiver_may_dispose_of_the_session()
    {
        using var model = FakeModel.Load(_folder, tokenizer: GoldenTokenizer.Load("smollm2").Section);
        model.Spoil = (20, 1000f); // always the same letter, never an end
        var session = model.CreateSession();
        var pieces = 0;
        var generator = new TextGenerator(session, new SamplingOptions { Temperature = 1, MaxTokens = 50 });

        Should.Throw<ObjectDisposedException>(() => generator.Run([17, 18, 19], _ =>
        {
            pieces++;
            session.Dispose();
        }));

        pieces.ShouldBe(1);
        model.Pages.InUse.ShouldBe(0);
    }

    [Fact]
    public void A_receiver_that_throws_is_not_called_again_and_the_session_goes_on()
    {
        using var model = FakeModel.Load(_folder, tokenizer: GoldenTokenizer.Load("smollm2").Section);
        using var session = model.CreateSession();
        var pieces = 0;
        var generator = new TextGenerator(session, new SamplingOptions { MaxTokens = 50 });

        Should.Throw<InvalidTimeZoneException>(() => generator.Run([17, 18, 19], _ =>
        {
            pieces++;
            throw new InvalidTimeZoneException();
        }));

        pieces.ShouldBe(1);
        int[] tokens = [.. session.Tokens, 20];
        session.Decode(20).ToArray().ShouldBe(FakeModel.Expected(tokens));
    }

    private static Exception? Record(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error;
        }
    }
}
