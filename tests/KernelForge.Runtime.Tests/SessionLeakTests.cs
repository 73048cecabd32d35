using System.Globalization;
using KernelForge.Runtime.Tests.Text;

namespace KernelForge.Runtime.Tests;

/// <summary>A server opens and closes sessions for months. Alone in its process's time: what other tests take would count.</summary>
[Trait("Category", "Long")]
[Collection(nameof(SessionLeakTests))]
public sealed class SessionLeakTests : IDisposable
{
    private const long Room = 2 << 20;
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Ten_thousand_sessions_leave_what_a_hundred_leave()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Private memory is read from /proc.");
        using var model = FakeModel.Load(_folder, new ModelOptions { Context = 256, Threads = 1 }, tokenizer: GoldenTokenizer.Load("smollm2").Section);
        Use(model, 0, 100); // the longest and the most at once are among these
        var (memory, sessions) = (PrivateBytes(), model.SessionMemory);

        Use(model, 100, 10_000);

        model.Pages.InUse.ShouldBe(0);
        model.SessionMemory.ShouldBe(sessions);
        var grown = PrivateBytes() - memory;
        grown.ShouldBeLessThan(Math.Max(Room, memory / 50), $"{memory:N0} bytes after 100 sessions, {grown:N0} more after 10,000");
    }

    private static void Use(LanguageModel model, int first, int last)
    {
        for (var i = first; i < last; i++)
        {
            using var session = model.CreateSession();
            var options = new SamplingOptions { MaxTokens = 12, Temperature = i % 3, TopP = 0.9f, Stop = i % 2 == 0 ? ["xyz"] : [] };
            new TextGenerator(session, options).Run(SessionTests.Random(i, 1 + (i * 37 % 200)), _ => { });
            using var fork = session.Fork();
            fork.Decode(5);
            if (i % 8 != 0)
                continue;
            using var stream = new MemoryStream();
            session.Save(stream);
            stream.Position = 0;
            model.RestoreSession(stream).Dispose();
        }
    }

    /// <summary>What belongs to this process alone and lies in memory, after a full collection.</summary>
    private static long PrivateBytes()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}

/// <summary>Nothing runs beside these tests.</summary>
[CollectionDefinition(nameof(SessionLeakTests), DisableParallelization = true)]
public sealed class SessionLeakCollection;
