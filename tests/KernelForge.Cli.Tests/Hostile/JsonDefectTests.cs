using KernelForge.Fuzz;
using KernelForge.Fuzz.Mutation;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>Every defect of every value in the JSON of a model folder and of a safetensors file: refused with words or accepted, within bounds, whatever it is.</summary>
[Collection("kforge")]
public sealed class JsonDefectTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public JsonDefectTests()
    {
        Directory.CreateDirectory(Model);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(FuzzTargets.Corpus, "folder")))
            File.Copy(file, Path.Combine(Model, Path.GetFileName(file)));
    }

    private string Model => _scratch["model"];

    [Fact]
    public void A_sound_folder_is_accepted() => Inspection.Of(Model).ShouldBe(new Inspection(null, null));

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    public void Every_defect_of_a_folders_file_is_refused_or_harmless(string name)
    {
        var path = Path.Combine(Model, name);
        var sound = File.ReadAllBytes(path);
        var refused = 0;
        var step = name == "config.json" ? 1 : 9;
        foreach (var defect in JsonDefects.All(sound).Where((_, i) => i % step == 0))
        {
            File.WriteAllBytes(path, defect.ApplyTo(sound));
            var inspection = Inspection.Of(Model);
            inspection.Fault.ShouldBeNull($"{name}, {defect.What}");
            if (inspection.Refusal is { } refusal)
            {
                refusal.ShouldContain(Model, customMessage: $"{name}, {defect.What}");
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("tokenizer.json")]
    public void No_file_may_end_early(string name)
    {
        var path = Path.Combine(Model, name);
        var sound = File.ReadAllBytes(path).AsSpan().TrimEnd(" \n"u8).ToArray();
        for (var length = 0; length < sound.Length; length += 1 + (sound.Length / 100))
        {
            File.WriteAllBytes(path, sound[..length]);
            var inspection = Inspection.Of(Model);
            inspection.Fault.ShouldBeNull($"{name}, {length}");
            inspection.Refusal.ShouldNotBeNull($"{name}, {length}").ShouldContain(name);
        }
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../outside.safetensors")]
    [InlineData("..")]
    [InlineData("no-such-file")]
    [InlineData("model-00002-of-00002.safetensors")]
    [InlineData("/dev/zero")]
    public void No_link_leads_out_of_the_folder(string target)
    {
        File.WriteAllBytes(_scratch["outside.safetensors"], File.ReadAllBytes(Path.Combine(Model, "model-00002-of-00002.safetensors")));
        foreach (var name in (string[])["model-00002-of-00002.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors.index.json"])
        {
            var path = Path.Combine(Model, name);
            var sound = File.ReadAllBytes(path);
            File.Delete(path);
            File.CreateSymbolicLink(path, target);
            var inspection = Inspection.Of(Model);
            File.Delete(path);
            File.WriteAllBytes(path, sound);
            inspection.Fault.ShouldBeNull(name);
            inspection.Refusal.ShouldNotBeNull(name).ShouldContain(name);
        }
    }

    [Fact]
    public void A_shard_may_lie_in_a_folder_below()
    {
        const string shard = "model-00002-of-00002.safetensors";
        var index = Path.Combine(Model, "model.safetensors.index.json");
        Directory.CreateDirectory(Path.Combine(Model, "parts"));
        File.Move(Path.Combine(Model, shard), Path.Combine(Model, "parts", shard));
        File.WriteAllText(index, File.ReadAllText(index).Replace(shard, "parts/" + shard, StringComparison.Ordinal));
        Inspection.Of(Model).Refusal.ShouldBeNull();
        File.WriteAllText(index, File.ReadAllText(index).Replace("parts/", "parts/../parts/", StringComparison.Ordinal));
        Inspection.Of(Model).Refusal.ShouldNotBeNull();
    }

    [Fact]
    public void A_link_to_a_folder_outside_leads_out_too()
    {
        Directory.CreateDirectory(_scratch["elsewhere"]);
        File.Move(Path.Combine(Model, "config.json"), Path.Combine(_scratch["elsewhere"], "config.json"));
        Directory.CreateSymbolicLink(Path.Combine(Model, "inner"), _scratch["elsewhere"]);
        File.CreateSymbolicLink(Path.Combine(Model, "config.json"), "inner/config.json");
        Inspection.Of(Model).Refusal.ShouldNotBeNull().ShouldContain("config.json");
    }

    [Fact]
    public void A_download_cache_is_a_folder_of_links_and_accepted()
    {
        var snapshot = _scratch["models--a--b/snapshots/0123"];
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(_scratch["models--a--b/blobs"]);
        foreach (var file in Directory.EnumerateFiles(Model))
        {
            var blob = $"{Path.GetFileName(file).Length:x}{Path.GetFileName(file)[..3]}{new FileInfo(file).Length:x}";
            File.Copy(file, _scratch[$"models--a--b/blobs/{blob}"], overwrite: true);
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{blob}");
        }

        var inspection = Inspection.Of(snapshot);
        inspection.Refusal.ShouldBeNull();
    }

    public void Dispose() => _scratch.Dispose();
}
