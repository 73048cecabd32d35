namespace KernelForge.Runtime.Tests;

public sealed class AllocationTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Decoding_allocates_nothing_also_when_a_page_fills()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        using var other = model.CreateSession();
        Session[] batch = [session, other];
        int[] tokens = [1, 2];
        var best = new int[2];
        Work();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Work();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Work()
        {
            session.DecodeGreedy(3);
            session.Decode(4);
            model.DecodeBatch(batch, tokens);
            model.DecodeBatchGreedy(batch, tokens, best);
        }
    }
}
