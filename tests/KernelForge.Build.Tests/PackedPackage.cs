using System.Reflection;

namespace KernelForge.Build.Tests;

/// <summary>The NuGet package, packed once for all tests into a folder that serves as a package source.</summary>
public sealed class PackedPackage : IDisposable
{
    public PackedPackage()
    {
        Folder = Directory.CreateTempSubdirectory("kernelforge-package-").FullName;
        // A version of its own: NuGet keeps what it once unpacked of a version for ever.
        Version = $"0.1.0-test{Environment.ProcessId}x{Environment.TickCount64}";
        Command.Run("dotnet", RepositoryRoot, "pack", "src/KernelForge.Build", "-c", "Release", "-o", Folder, $"-p:PackageVersion={Version}").ShouldSucceed();
    }

    public static string RepositoryRoot { get; } =
        typeof(PackedPackage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string SmolLM2 { get; } = Path.Combine(RepositoryRoot, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    public string Folder { get; }

    public string Version { get; }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        var unpacked = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages", "kernelforge", Version);
        if (Directory.Exists(unpacked))
            Directory.Delete(unpacked, recursive: true);
    }
}

/// <summary>Tests that share one package.</summary>
[CollectionDefinition(nameof(PackedPackage))]
public sealed class PackedPackageCollection : ICollectionFixture<PackedPackage>;
