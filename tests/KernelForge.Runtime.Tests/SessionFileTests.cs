using static KernelForge.Runtime.Tests.SessionTests;

namespace KernelForge.Runtime.Tests;

public sealed class SessionFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(150)]
    public void A_restored_session_goes_on_where_it_was_saved(int length)
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        var tokens = Random(1, length);
        if (length > 0)
            session.Prefill(tokens);

        using var restored = model.RestoreSession(new MemoryStream(Save(session)));

        restored.Tokens.ToArray().ShouldBe(tokens);
        restored.Decode(7).ToArray().ShouldBe(FakeModel.Expected([.. tokens, 7]));
        session.Length.ShouldBe(length);
    }

    [Fact]
    public void A_cut_or_altered_stream_is_refused_and_leaks_no_page()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        session.Prefill(Random(2, 10));
        var good = Save(session);
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            var bad = i % 2 == 0 ? good[..random.Next(good.Length)] : (byte[])good.Clone();
            if (i % 2 == 1)
                bad[i < 60 ? random.Next(120) : random.Next(good.Length)] ^= (byte)(1 << random.Next(8));
            Should.Throw<InvalidDataException>(() => model.RestoreSession(new MemoryStream(bad)));
        }
        model.Pages.InUse.ShouldBe(1);
    }

    [Fact]
    public void A_session_of_another_model_or_format_is_refused()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        session.Prefill(Random(4, 10));
        var saved = Save(session);

        using var other = FakeModel.Load(_folder, planHash: new string('a', 64));
        using var format = FakeModel.Load(_folder, new ModelOptions { Cache = KeyValueFormat.F32 });
        using var small = FakeModel.Load(_folder, new ModelOptions { Context = 8 });

        Should.Throw<InvalidDataException>(() => other.RestoreSession(new MemoryStream(saved))).Message.ShouldContain("another model");
        Should.Throw<InvalidDataException>(() => format.RestoreSession(new MemoryStream(saved))).Message.ShouldContain("format");
        Should.Throw<InvalidDataException>(() => small.RestoreSession(new MemoryStream(saved))).Message.ShouldContain("Context");
    }

    private static byte[] Save(Session session)
    {
        var stream = new MemoryStream();
        session.Save(stream);
        return stream.ToArray();
    }
}
