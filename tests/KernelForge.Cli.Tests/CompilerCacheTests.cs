using KernelForge.Cli.Compilation;

namespace KernelForge.Cli.Tests;

/// <summary>What is kept between runs, and for how long.</summary>
[Collection("kforge")]
public class CompilerCacheTests(Kforge kforge)
{
    private const string Plan = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void Another_versions_folder_stays_while_it_is_in_use()
    {
        var used = Other("used", TimeSpan.FromDays(6));
        var unused = Other("unused", TimeSpan.FromDays(8));

        var folder = CompilerCache.Folder(Plan);

        Directory.Exists(folder).ShouldBeTrue();
        Directory.Exists(used).ShouldBeTrue();
        Directory.Exists(unused).ShouldBeFalse();
    }

    [Fact]
    public void To_look_for_a_folder_is_to_use_it()
    {
        var folder = CompilerCache.Folder(Plan);
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow - TimeSpan.FromDays(8));

        CompilerCache.Folder(Plan).ShouldBe(folder);

        Directory.GetLastWriteTimeUtc(folder).ShouldBeGreaterThan(DateTime.UtcNow - TimeSpan.FromDays(1));
    }

    private string Other(string version, TimeSpan age)
    {
        var folder = Directory.CreateDirectory(Path.Combine(kforge["cache"], $"{Plan[..32]}-{version}")).FullName;
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow - age);
        return folder;
    }
}
