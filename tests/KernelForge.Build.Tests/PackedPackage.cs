namespace KernelForge.Build.Tests;

/// <summary>The NuGet package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public PackedPackage()
    {
        // Other packages (ILCompiler has 100 MB) are taken from where they are unpacked already. KernelForge has a version that was never there.
        var cache = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(cache);
        Version = $"0.1.0-test{System.Environment.ProcessId}x{System.Environment.TickCount64}";
        // One compiler for all projects, warm after the first; and no process lives long enough to use a profile of itself.
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NUGET_PACKAGES"] = _folder["unpacked"],
            ["UseSharedCompilation"] = "true",
            ["DOTNET_TieredPGO"] = "0",
        };
        NuGetConfig = $"""
            <configuration>
              <packageSources><add key="kernelforge" value="{_folder["feed"]}" /></packageSources>
              <fallbackPackageFolders><add key="unpacked" value="{cache}" /></fallbackPackageFolders>
            </configuration>
            """;
        // What the analyzers say about our own code is the build's business: here they would only take minutes.
        Command.Run(
            "dotnet", Repository.Root, "pack", "src/KernelForge.Build", "-c", "Release", "-o", _folder["feed"], $"-p:PackageVersion={Version}", "-p:RunAnalyzers=false").ShouldSucceed();
    }

    /// <summary>The nuget.config of a project that uses the package.</summary>
    public string NuGetConfig { get; }

    /// <summary>Variables with which dotnet finds an empty package cache.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    public string Version { get; }

    /// <summary>The folder that it lies in.</summary>
    public string Feed => _folder["feed"];

    /// <summary>The tool as the package brings it; there after the first restore.</summary>
    public string ToolFolder => Path.Combine(Environment["NUGET_PACKAGES"], "kernelforge", Version, "tools");

    public void Dispose() => _folder.Dispose();
}

/// <summary>Tests that share one package.</summary>
[CollectionDefinition(nameof(PackedPackage))]
public sealed class PackedPackageCollection : ICollectionFixture<PackedPackage>;

/// <summary>Tests in projects of a user's, who knows KernelForge as a package. Each builds such a project: they are long.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Category", "Long")]
public abstract class PackageUserTests(PackedPackage package)
{
    /// <summary>What the projects refer to.</summary>
    protected PackedPackage Package { get; } = package;
}
