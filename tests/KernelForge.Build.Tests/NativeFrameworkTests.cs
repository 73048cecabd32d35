namespace KernelForge.Build.Tests;

/// <summary>For which framework the sample is published natively: src/KernelForge.Chat/NativeFramework.props asks the package feed.</summary>
[Trait("Category", "Long")]
public sealed class NativeFrameworkTests : IDisposable
{
    private const string Line = "published for net9.0";

    private readonly ScratchFolder _folder = new();

    public NativeFrameworkTests()
    {
        File.Copy(Repository.At("src/KernelForge.Chat/NativeFramework.props"), _folder["NativeFramework.props"]);
        File.WriteAllText(_folder["App.csproj"], """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <Import Project="NativeFramework.props" />
            </Project>
            """);
    }

    private string Answer => _folder["obj/native-framework.default.txt"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_feed_without_the_packages_of_net10_means_net9_and_every_publish_says_so()
    {
        UseFeed(Directory.CreateDirectory(_folder["feed"]).FullName);

        Ask("AskForNativeFramework").ShouldSucceed();

        File.ReadAllText(Answer).Trim().ShouldBe("net9.0");
        Ask("SayNativeFramework").ShouldSucceed().Output.ShouldContain(Line);
        Ask("SayNativeFramework").ShouldSucceed().Output.ShouldContain(Line);
    }

    [Fact]
    public void A_feed_that_cannot_be_read_is_no_answer()
    {
        UseFeed(_folder["no-such-feed"]);

        var result = Ask("AskForNativeFramework");

        result.ExitCode.ShouldNotBe(0);
        result.Output.ShouldContain("NU1301", customMessage: result.All);
        result.Output.ShouldContain("no-such-feed");
        File.Exists(Answer).ShouldBeFalse();
    }

    private void UseFeed(string source) => File.WriteAllText(_folder["nuget.config"], $"""
        <configuration>
          <packageSources><clear /><add key="feed" value="{source}" /></packageSources>
        </configuration>
        """);

    // A package cache of its own: what another build downloaded is no answer of the feed.
    private CommandResult Ask(string target) => Command.Run(
        "dotnet", _folder.Root, new Dictionary<string, string>(StringComparer.Ordinal) { ["NUGET_PACKAGES"] = _folder["packages"] },
        "msbuild", $"-t:{target}", "-p:_IsPublishing=true", "-nologo");
}
