using System.Globalization;
using KernelForge.Plans;
using KernelForge.Reference.RandomModels;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>
/// 64 threads on generated code: keys and values of heads, latents with experts, convolutions. Prompts are cancelled and sessions disposed of under way, forks go on in
/// batches; every token is the one that its session would give alone. Longer: <c>KERNELFORGE_STRESS_SECONDS</c>.
/// </summary>
[Trait("Category", "Long")]
public sealed class ConcurrentSessionTests : IDisposable
{
    private const int Threads = 64;
    private const int Longest = 40;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-concurrent-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("llama")]
    [InlineData("deepseek_v3")]
    [InlineData("lfm2")]
    public async Task Every_session_gives_what_it_would_give_alone(string kind)
    {
        var path = kind == "llama" ? RandomModel.Create(7).Save(_directory.FullName) : RandomFolder.Write(_directory.FullName, kind);
        using var compiled = new CompiledModel(path, ActivationMode.Int12, InstructionSets.Selected.ToString());
        using var model = compiled.Load(threads: 2, chunk: 16);
        var answers = Enumerable.Range(0, 40).Select(seed => Alone(model, new Random(seed))).ToArray();
        var end = DateTime.UtcNow.AddSeconds(double.Parse(Environment.GetEnvironmentVariable("KERNELFORGE_STRESS_SECONDS") ?? "10", CultureInfo.InvariantCulture));
        var (whole, cut) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(seed => Task.Factory.StartNew(() => Work(new Random(seed)), TaskCreationOptions.LongRunning)))
            .WaitAsync(end.AddSeconds(120) - DateTime.UtcNow); // longer: somebody waits for ever

        whole.ShouldBeGreaterThan(0);
        cut.ShouldBeGreaterThan(0);

        void Work(Random random)
        {
            while (DateTime.UtcNow < end)
            {
                try
                {
                    using var session = model.CreateSession();
                    if (random.Next(8) == 0)
                        ThreadPool.QueueUserWorkItem(_ => session.Dispose());
                    using var cancel = new CancellationTokenSource();
                    if (random.Next(4) == 0)
                        cancel.CancelAfter(TimeSpan.FromMilliseconds(random.Next(5)));
                    Follow(model, session, answers[random.Next(answers.Length)], random.Next(1, Longest), random.Next(3) == 0, cancel.Token);
                    Interlocked.Increment(ref whole);
                }
                catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
                {
                    Interlocked.Increment(ref cut);
                }
            }
        }
    }

    private static Answer Alone(LanguageModel model, Random random)
    {
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(model.Vocabulary))];
        using var session = model.CreateSession();
        var tokens = new List<int> { session.PrefillGreedy(prompt) };
        while (tokens.Count < Longest)
            tokens.Add(session.DecodeGreedy(tokens[^1]));
        return new(prompt, [.. tokens]);
    }

    private static void Follow(LanguageModel model, Session session, Answer answer, int length, bool forks, CancellationToken cancellation)
    {
        session.PrefillGreedy(answer.Prompt, cancellation).ShouldBe(answer.Tokens[0]);
        using var fork = forks ? session.Fork() : null;
        Session[] sessions = fork is null ? [session] : [session, fork];
        var best = new int[sessions.Length];
        for (var i = 1; i < length; i++)
        {
            model.DecodeBatchGreedy(sessions, [.. sessions.Select(_ => answer.Tokens[i - 1])], best);
            best.ShouldAllBe(token => token == answer.Tokens[i]);
        }
    }

    private sealed record Answer(int[] Prompt, int[] Tokens);
}
