using System.Buffers.Binary;
using System.Security.Cryptography;
using KernelForge.Formats.Packing;
using KernelForge.Graphs;
using KernelForge.Packed;
using KernelForge.Plans;

namespace KernelForge.Formats.Tests;

/// <summary>The file around the weights: identity, completeness, checksums, and its place in an executable.</summary>
public class PackedFileTests
{
    private static readonly RotaryTable Rotary = new(4, 10_000, new RotaryScaling.Default());

    [Fact]
    public void A_packed_file_is_written_once_and_verifies()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        var reports = new List<double>();

        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"], new Recorder(reports)).ShouldBeTrue();
        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]).ShouldBeFalse("it is there already");

        var report = PackedFileVerifier.Verify(folder["m.kfw"]).Single();
        report.PlanHash.ShouldBe(Convert.ToHexStringLower(PlanEncoding.Hash(plan)));
        report.Sections.Select(section => section.Name).ShouldBe(["weights", "rotary.0", "tokenizer", "source"]);
        report.Sections.Single(section => section.Name == "rotary.0").Length.ShouldBe(plan.Context * 4 * 2 * 4);
        report.Length.ShouldBe(new FileInfo(folder["m.kfw"]).Length);
        reports[^1].ShouldBe(1);
        folder.Files().ShouldBe(["m.gguf", "m.kfw"]);
    }

    [Fact]
    public void Another_source_file_is_refused()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        var bytes = File.ReadAllBytes(folder["m.gguf"]);
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder["m.gguf"], bytes);

        Should.Throw<ModelFormatException>(() => Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"])).Message.ShouldContain("not the file that was compiled");
        File.Exists(folder["m.kfw"]).ShouldBeFalse();
    }

    [Fact]
    public void Cancelling_leaves_nothing_behind()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"], cancellation: cancelled.Token));
        folder.Files().ShouldBe(["m.gguf"]);
    }

    [Fact]
    public void A_weight_that_is_no_number_is_refused_by_name()
    {
        using var folder = new ScratchFolder();
        var tensor = TestPlans.Random(new Random(1), WeightType.Q8_0, 40, 64);
        var bytes = tensor.Bytes.ToArray();
        bytes[^33] = 0x7E;
        var source = TestPlans.Save(folder["m.gguf"], [("bad", tensor with { Bytes = bytes })]);
        var plan = TestPlans.Of(source, [Matrix("bad", PackedLayout.Int8)]);

        Should.Throw<ModelFormatException>(() => Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"])).Key.ShouldBe("bad");
        File.Exists(folder["m.kfw"]).ShouldBeFalse();

        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"], allowNonFinite: true).ShouldBeTrue("it was asked for");
    }

    [Fact]
    public async Task Parallel_builds_pack_once()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);

        var written = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]))));

        written.Count(wrote => wrote).ShouldBe(1);
        PackedFileVerifier.Verify(folder["m.kfw"]);
    }

    [Fact]
    public void No_byte_of_a_packed_file_changes_unseen()
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);
        var whole = File.ReadAllBytes(folder["m.kfw"]);
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var altered = (byte[])whole.Clone();
            altered[round < 50 ? random.Next(400) : random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder["m.kfw"], altered);
            Should.Throw<PackedFileException>(() => PackedFileVerifier.Verify(folder["m.kfw"]));
        }
        File.WriteAllBytes(folder["m.kfw"], whole[..^1]);
        Should.Throw<PackedFileException>(() => PackedFileVerifier.Verify(folder["m.kfw"]));
    }

    [Fact]
    public void A_damaged_header_is_packed_anew()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        File.WriteAllBytes(folder["m.kfw"], [1, 2, 3]);

        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]).ShouldBeTrue();
        PackedFileVerifier.Verify(folder["m.kfw"]);
    }

    [Fact]
    public void A_packed_file_of_another_format_version_is_packed_anew()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]);
        var packed = File.ReadAllBytes(folder["m.kfw"]);
        SetVersion(folder["m.kfw"], PackedFormat.Version + 1);

        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]).ShouldBeTrue();

        File.ReadAllBytes(folder["m.kfw"]).ShouldBe(packed);
    }

    // Builds keep a packed file of the same plan and version, and programs accept it: so other bytes need another version.
    [Fact]
    public void The_bytes_of_a_packed_file_are_those_of_its_format_version()
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);

        var bytes = File.ReadAllBytes(folder["m.kfw"]);
        bytes.AsSpan(24, 40).Clear(); // the plan's hash and the checksum over it: plans have a version of their own
        var found = (PackedFormat.Version, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);

        found.ShouldBe((1u, "4be0858fc90395b9"), "The packer lays files out differently: raise PackedFormat.Version (and the reader's), then record both here.");
    }

    [Fact]
    public void What_a_killed_packer_left_is_overwritten()
    {
        using var folder = new ScratchFolder();
        var plan = Prepare(folder);
        File.WriteAllBytes(folder["m.kfw.part"], new byte[1 << 20]);
        File.WriteAllBytes(folder["m.kfw.lock"], [1]);

        Packer.Pack(plan, folder["m.gguf"], folder["m.kfw"]).ShouldBeTrue();

        PackedFileVerifier.Verify(folder["m.kfw"]);
        folder.Files().ShouldBe(["m.gguf", "m.kfw"]);
    }

    [Fact]
    public void Appending_that_is_cancelled_leaves_the_program_as_it_was()
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);
        File.WriteAllBytes(folder["program"], [1, 2, 3]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => PackedAppender.Append(folder["program"], [folder["m.kfw"]], cancelled.Token));

        File.ReadAllBytes(folder["program"]).ShouldBe([1, 2, 3]);
        folder.Files().ShouldBe(["m.gguf", "m.kfw", "program"]);
    }

    [Fact]
    public void Appending_twice_appends_once_at_a_page_and_keeps_the_mode()
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);
        var program = Enumerable.Range(0, 10_000).Select(i => (byte)i).ToArray();
        File.WriteAllBytes(folder["program"], program);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["program"], UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);

        PackedAppender.Append(folder["program"], [folder["m.kfw"]]);
        var once = File.ReadAllBytes(folder["program"]);
        PackedAppender.Append(folder["program"], [folder["m.kfw"]]);

        File.ReadAllBytes(folder["program"]).ShouldBe(once);
        once.AsSpan(0, program.Length).SequenceEqual(program).ShouldBeTrue();
        var report = PackedFileVerifier.Verify(folder["program"]).Single();
        report.Offset.ShouldBe(12_288);
        report.Length.ShouldBe(new FileInfo(folder["m.kfw"]).Length);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(folder["program"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_program_carries_several_packed_files_and_appending_them_again_changes_nothing()
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);
        var packed = File.ReadAllBytes(folder["m.kfw"]);
        File.WriteAllBytes(folder["program"], [.. Enumerable.Range(0, 5_000).Select(i => (byte)i)]);

        PackedAppender.Append(folder["program"], [folder["m.kfw"], folder["m.kfw"]]);
        var once = File.ReadAllBytes(folder["program"]);
        PackedAppender.Append(folder["program"], [folder["m.kfw"], folder["m.kfw"]]);

        File.ReadAllBytes(folder["program"]).ShouldBe(once);
        once.AsSpan(8_192, packed.Length).SequenceEqual(packed).ShouldBeTrue();
        var second = 8_192 + ((packed.Length + 32 + 4_095) / 4_096 * 4_096);
        PackedFileVerifier.Verify(folder["program"]).Select(report => report.Offset).ShouldBe([8_192, second]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Damage_is_found_in_whichever_packed_file_of_a_program_it_is(int which)
    {
        using var folder = new ScratchFolder();
        Packer.Pack(Prepare(folder), folder["m.gguf"], folder["m.kfw"]);
        File.WriteAllBytes(folder["program"], new byte[5_000]);
        PackedAppender.Append(folder["program"], [folder["m.kfw"], folder["m.kfw"]]);
        var at = PackedFileVerifier.Verify(folder["program"])[which] is var report ? report.Offset + report.Sections[0].Offset : 0;
        var bytes = File.ReadAllBytes(folder["program"]);
        bytes[at] ^= 1;
        File.WriteAllBytes(folder["program"], bytes);

        Should.Throw<PackedFileException>(() => PackedFileVerifier.Verify(folder["program"])).Message.ShouldContain($"offset {at:N0}");
    }

    // The header's checksum follows, so that only the version is wrong.
    private static void SetVersion(string path, uint version)
    {
        var bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), version);
        var entries = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        var checksum = new XxHash3();
        checksum.Append(bytes.AsSpan(0, PackedFormat.ChecksumOffset));
        checksum.Append(bytes.AsSpan(PackedFormat.FixedBytes, entries * PackedFormat.EntryBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(PackedFormat.ChecksumOffset), checksum.Finish());
        File.WriteAllBytes(path, bytes);
    }

    private static Plan Prepare(ScratchFolder folder)
    {
        var random = new Random(1);
        var source = TestPlans.Save(
            folder["m.gguf"], [("a", TestPlans.Random(random, WeightType.Q4_0, 40, 64)), ("b", TestPlans.Random(random, WeightType.Q8_0, 40, 64))]);
        return TestPlans.Of(source, [Matrix("a", PackedLayout.Int4), Matrix("b", PackedLayout.Int8)], Rotary);
    }

    private static PackedTensor Matrix(string name, PackedLayout layout) =>
        new(name, layout, 40, 64, Interleaved: false, EquatableArray.Create(new PackedPart(name, 40, RowOrder.AsStored)), 0, 0);

    private sealed class Recorder(List<double> reports) : IProgress<double>
    {
        public void Report(double value) => reports.Add(value);
    }
}
