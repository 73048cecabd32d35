using System.Globalization;
using KernelForge.Runtime.Tests.Text;

namespace KernelForge.Runtime.Tests;

/// <summary>
/// 64 threads, each with its own sessions, do at once what users and servers do: answers of random lengths, cancelled, disposed of under way, with receivers that throw,
/// with contexts and memory that fill up. Whatever is given out must be what the session would give alone. A minute among the long tests; for hours:
/// <c>KERNELFORGE_STRESS_SECONDS=3600 dotnet test tests/KernelForge.Runtime.Tests -c Release -p:LongTests=true --filter SessionStress</c>
/// </summary>
[Trait("Category", "Long")]
public sealed class SessionStressTests : IDisposable
{
    private const int Threads = 64;
    private const int Context = 200;
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sessions_under_load_give_what_they_would_give_alone()
    {
        var seconds = double.Parse(Environment.GetEnvironmentVariable("KERNELFORGE_STRESS_SECONDS") ?? "60", CultureInfo.InvariantCulture);
        using var sizes = FakeModel.Load(_folder, new ModelOptions { Context = Context });
        var options = new ModelOptions { Context = Context, Threads = 2, PrefillChunk = 24, MemoryLimit = 44 * sizes.MemoryOfSession(Context / 2) };
        using var model = FakeModel.Load(_folder, options, tokenizer: GoldenTokenizer.Load("smollm2").Section);
        var end = DateTime.UtcNow.AddSeconds(seconds);
        var users = Enumerable.Range(0, Threads).Select(i => new StressUser(model, i)).ToArray();
        var threads = Array.ConvertAll(users, user => Task.Factory.StartNew(() => user.Work(end), TaskCreationOptions.LongRunning));

        await Task.WhenAll(threads).WaitAsync(TimeSpan.FromSeconds(seconds + 120)); // longer: somebody waits for ever

        model.Pages.InUse.ShouldBe(0);
        model.SessionMemory.ShouldBeLessThanOrEqualTo(options.MemoryLimit);
        var page = model.MemoryOfSession(64) - model.MemoryOfSession(0);
        (model.SessionMemory % page).ShouldBe(0, "something else than idle pages is left");

        // Nothing proves anything that did not happen.
        foreach (var ending in Enum.GetValues<StressEnding>())
            users.Sum(user => user.Endings[(int)ending]).ShouldBeGreaterThan(0, ending.ToString());
    }
}
