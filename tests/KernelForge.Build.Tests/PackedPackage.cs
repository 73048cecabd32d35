using System.Reflection;

namespace KernelForge.Build.Tests;

/// <summary>The NuGet package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kernelforge-package-").FullName;

    public PackedPackage()
    {
        // Other packages (ILCompiler has 100 MB) are taken from where they are unpacked already. KernelForge has a version that was never there.
        var cache = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(cache);
        Version = $"0.1.0-test{System.Environment.ProcessId}x{System.Environment.TickCount64}";
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NUGET_PACKAGES"] = Path.Combine(_folder, "unpacked") };
        NuGetConfig = $"""
            <configuration>
              <packageSources><add key="kernelforge" value="{Path.Combine(_folder, "feed")}" /></packageSources>
              <fallbackPackageFolders><add key="unpacked" value="{cache}" /></fallbackPackageFolders>
            </configuration>
            """;
        // What the analyzers say about our own code is the build's business: here they would only take minutes.
        Command.Run(
            "dotnet", RepositoryRoot, "pack", "src/KernelForge.Build", "-c", "Release", "-o", Path.Combine(_folder, "feed"), $"-p:PackageVersion={Version}", "-p:RunAnalyzers=false").ShouldSucceed();
    }

    public static string RepositoryRoot { get; } =
        typeof(PackedPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string SmolLM2 { get; } = Path.Combine(RepositoryRoot, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    /// <summary>The nuget.config of a project that uses the package.</summary>
    public string NuGetConfig { get; }

    /// <summary>Variables with which dotnet finds an empty package cache.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    public string Version { get; }

    /// <summary>The tool as the package brings it; there after the first restore.</summary>
    public string ToolFolder => Path.Combine(Environment["NUGET_PACKAGES"], "kernelforge", Version, "tools");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>Tests that share one package.</summary>
[CollectionDefinition(nameof(PackedPackage))]
public sealed class PackedPackageCollection : ICollectionFixture<PackedPackage>;
