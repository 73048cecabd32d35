using System.Buffers.Binary;
using KernelForge.Packed;
using static KernelForge.Runtime.Tests.PackedFileWriter;

namespace KernelForge.Runtime.Tests;

public sealed unsafe class PackedModelTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sections_are_mapped_where_the_directory_says()
    {
        var path = _folder.Write("a.kfw", Build(PlanHash, ("weights", [1, 2, 3]), ("tokenizer", [4, 5])));
        using var model = PackedModel.Open("A", PlanHash, path);

        var section = model.Section("tokenizer", out var length);

        length.ShouldBe(2);
        new ReadOnlySpan<byte>(section, 2).ToArray().ShouldBe([4, 5]);
        ((nint)section % 4096).ShouldBe(0);
        (model.TrySection("rotary.0", out _) == null).ShouldBeTrue();
        Should.Throw<PackedFileException>(() => { model.Section("rotary.0", out _); }).Message.ShouldContain("rotary.0");
    }

    [Fact]
    public void A_file_of_another_plan_is_refused_and_both_plans_are_named()
    {
        var other = new string('f', 64);
        var path = _folder.Write("a.kfw", Build(other, ("weights", [1])));

        var error = Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, path));

        error.Message.ShouldContain("ffffffffffffffff");
        error.Message.ShouldContain(PlanHash[..16]);
        error.FilePath.ShouldBe(path);
    }

    [Fact]
    public void Any_altered_byte_of_header_or_directory_is_noticed()
    {
        var good = Build(PlanHash, ("weights", [1, 2, 3]), ("tokenizer", [4, 5]));
        for (var at = 0; at < 64 + (2 * 64); at++)
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= 0x40;
            var path = _folder.Write("bad.kfw", bad);
            Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, path), $"byte {at}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(8191)]
    public void A_cut_file_is_refused(int length)
    {
        var path = _folder.Write("cut.kfw", Build(PlanHash, ("weights", [1, 2, 3]))[..length]);
        Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, path)).Message.ShouldContain(path);
    }

    [Theory]
    [InlineData(32, 8192UL)]
    [InlineData(32, 100UL)]
    [InlineData(32, 0UL)]
    [InlineData(40, 5000UL)]
    [InlineData(40, ulong.MaxValue)]
    public void A_section_outside_the_file_is_refused_even_where_the_checksum_is_right(int field, ulong value)
    {
        var file = Build(PlanHash, ("weights", [1, 2, 3]));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(64 + field), value);
        Seal(file);
        var path = _folder.Write("outside.kfw", file);
        Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, path)).Message.ShouldContain("outside");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(0)]
    public void A_file_that_changes_under_way_is_noticed_before_the_next_pass(int longer)
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        session.Prefill([1, 2, 3]);

        // As another process would: by a handle that asks for no lock.
        using (var file = new FileStream(model.WeightsPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            if (longer != 0)
                file.SetLength(file.Length + longer);
            else
                file.WriteByte((byte)'K');
        }

        if (longer == 0)
            File.SetLastWriteTimeUtc(model.WeightsPath, DateTime.UtcNow.AddSeconds(5));
        Should.Throw<PackedFileException>(() => session.Prefill([4])).Message.ShouldContain("changed while it was in use");
    }

    [Fact]
    public void A_file_that_was_read_into_memory_may_change_as_it_likes()
    {
        using var model = FakeModel.Load(_folder, new ModelOptions { WeightsInMemory = true, VerifyWeights = true });
        using var session = model.CreateSession();
        session.Prefill([1, 2, 3]);

        using (var file = new FileStream(model.WeightsPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(0);

        session.Decode(4).ToArray().ShouldBe(FakeModel.Expected([1, 2, 3, 4]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_that_verifies_its_file_notices_any_altered_byte(bool inMemory)
    {
        var good = Build(PlanHash, ("weights", [1, 2, 3]), ("tokenizer", new byte[5000]));
        PackedModel.Open("A", PlanHash, _folder.Write("good.kfw", good), inMemory, verify: true).Dispose();
        foreach (var at in Enumerable.Range(0, 64).Select(i => i * 257).Concat([64 + 128, 4095, 4096, 4098, 4099, 8192, 8192 + 4999, 8192 + 5000, good.Length - 1]).Where(at => at < good.Length))
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= 1;
            var path = _folder.Write($"bad{at}.kfw", bad);

            Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, path, inMemory, verify: true), $"byte {at}").Message.ShouldContain(path);
        }
    }

    [Fact]
    public void A_file_replaced_by_rename_is_another_file()
    {
        using var model = FakeModel.Load(_folder);
        using var session = model.CreateSession();
        File.WriteAllBytes(_folder["other"], new byte[10]);
        File.Move(_folder["other"], model.WeightsPath, overwrite: true);
        session.Prefill([4]);
        session.Length.ShouldBe(1);
    }

    [Fact]
    public void A_missing_file_says_where_it_was_looked_for()
    {
        Should.Throw<PackedFileException>(() => PackedModel.Open("Nowhere.At.All", PlanHash)).Message.ShouldContain("Nowhere.At.All.kfw");
        Should.Throw<PackedFileException>(() => PackedModel.Open("A", PlanHash, "/no/such.kfw")).Message.ShouldContain("/no/such.kfw");
    }

    [Fact]
    public void Appended_files_are_found_each_by_its_plan()
    {
        var second = new string('a', 64);
        var host = new byte[10_000];
        host.AsSpan().Fill(7);
        var file = Append(host, Build(PlanHash, ("weights", [1])));
        var path = _folder.Write("host", Append(file, Build(second, ("weights", [2]))));

        var first = PackedLocation.FindAppended(path, Convert.FromHexString(PlanHash));
        var last = PackedLocation.FindAppended(path, Convert.FromHexString(second));

        first.ShouldBe(new PackedLocation(path, 12288, 8192));
        last!.Value.Offset.ShouldBeGreaterThan(12288 + 8192);
        PackedLocation.FindAppended(path, Convert.FromHexString(new string('b', 64))).ShouldBeNull();
        PackedLocation.FindAppended(_folder.Write("plain", host), Convert.FromHexString(PlanHash)).ShouldBeNull();
    }

    [Theory]
    [InlineData(8, 1UL)]
    [InlineData(8, ulong.MaxValue)]
    [InlineData(16, 1UL)]
    [InlineData(16, ulong.MaxValue)]
    public void A_damaged_trailer_is_refused(int field, ulong value)
    {
        var file = Append(new byte[100], Build(PlanHash, ("weights", [1])));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(file.Length - 32 + field), value);
        var path = _folder.Write("host", file);
        Should.Throw<PackedFileException>(() => PackedLocation.FindAppended(path, Convert.FromHexString(PlanHash)));
    }
}
