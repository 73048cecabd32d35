using KernelForge.Runtime.Tests.Text;

namespace KernelForge.Runtime.Tests;

/// <summary>A model that is disposed of while others use it keeps its memory until they have left, and refuses them from then on.</summary>
public sealed class ModelLifetimeTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_answer_under_way_ends_with_an_error_and_reads_nothing_that_is_gone()
    {
        var model = FakeModel.Load(_folder, new() { Context = 200 }, tokenizer: GoldenTokenizer.Load("smollm2").Section);
        model.Spoil = (20, 1000f); // always the same letter, never an end
        using var session = model.CreateSession();
        var generator = new TextGenerator(session, new SamplingOptions { MaxTokens = 100 });
        var pieces = 0;

        Should.Throw<ObjectDisposedException>(() => generator.Run([17, 18, 19], _ =>
        {
            if (++pieces == 5)
                model.Dispose();
        }));

        pieces.ShouldBeInRange(5, 8);
        Should.Throw<ObjectDisposedException>(() => model.CreateSession());
    }

    [Fact]
    public async Task Whoever_disposes_while_others_work_ends_them_all()
    {
        for (var round = 0; round < 4; round++)
        {
            var model = FakeModel.Load(_folder, new() { Context = 200 }, tokenizer: GoldenTokenizer.Load("smollm2").Section);
            var tokenizer = model.Tokenizer;
            var begun = new CountdownEvent(6);
            var users = Enumerable.Range(0, 6).Select(user => Task.Run(() =>
            {
                begun.Signal();
                for (; ; )
                {
                    if (user % 2 == 0)
                        tokenizer.Decode(tokenizer.Encode("Once upon a time there was a dragon."));
                    else
                        Answer(model);
                }
            })).ToArray();
            begun.Wait();
            await Task.Delay(round % 5);
            model.Dispose();

            foreach (var user in users)
                await Should.ThrowAsync<ObjectDisposedException>(user);
            Should.Throw<ObjectDisposedException>(() => tokenizer.IsControl(3));
            model.SessionMemory.ShouldBe(0);
        }
    }

    private static void Answer(FakeModel model)
    {
        using var session = model.CreateSession();
        session.PrefillGreedy([1, 2, 3]);
        using var fork = session.Fork();
        fork.Save(Stream.Null);
        model.DecodeBatchGreedy([session, fork], [4, 5], new int[2]);
    }
}
