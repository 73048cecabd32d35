namespace KernelForge.Build.Tests;

/// <summary>A user's project in an empty folder, which knows KernelForge only as a package.</summary>
internal sealed class ScratchProject : IDisposable
{
    private readonly PackedPackage _package;
    private readonly ScratchFolder _folder = new();

    /// <param name="package">Where KernelForge comes from.</param>
    /// <param name="items">The project's KernelForgeModel items.</param>
    /// <param name="program">Program.cs.</param>
    /// <param name="frameworks">One, or several with semicolons between.</param>
    /// <param name="extra">More properties.</param>
    /// <param name="folder">Name of the project's folder.</param>
    public ScratchProject(PackedPackage package, string items, string program, string frameworks = "net10.0", string extra = "", string folder = "app")
    {
        _package = package;
        Root = Directory.CreateDirectory(_folder[folder]).FullName;
        Write("nuget.config", package.NuGetConfig);
        Write("App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                {(frameworks.Contains(';') ? $"<TargetFrameworks>{frameworks}</TargetFrameworks>" : $"<TargetFramework>{frameworks}</TargetFramework>")}
                <RollForward>Major</RollForward>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <WarningsNotAsErrors>KF1031</WarningsNotAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                {extra}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="KernelForge" Version="{package.Version}" />
                {items}
              </ItemGroup>
            </Project>
            """);
        Write("Program.cs", program);
    }

    public string Root { get; }

    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), text);
    }

    /// <summary>Runs dotnet with a package cache in which KernelForge was never unpacked.</summary>
    public CommandResult DotNet(params string[] arguments) => Command.Run("dotnet", Root, _package.Environment, arguments);

    /// <summary>The same, with variables of its own.</summary>
    public CommandResult DotNet(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Command.Run("dotnet", Root, _package.Environment.Concat(environment).ToDictionary(StringComparer.Ordinal), arguments);

    public void Dispose() => _folder.Dispose();
}
