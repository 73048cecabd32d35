namespace KernelForge.Build.Tests;

/// <summary>A user's project in an empty folder, which knows KernelForge only as a package.</summary>
internal sealed class ScratchProject : IDisposable
{
    public ScratchProject(PackedPackage package, string item, string program, string frameworks = "net10.0", string extra = "")
    {
        Root = Directory.CreateTempSubdirectory("kernelforge-scratch-").FullName;
        Write("nuget.config", $"""
            <configuration>
              <packageSources><add key="local" value="{package.Folder}" /></packageSources>
            </configuration>
            """);
        Write("App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                {(frameworks.Contains(';') ? $"<TargetFrameworks>{frameworks}</TargetFrameworks>" : $"<TargetFramework>{frameworks}</TargetFramework>")}
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                {extra}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="KernelForge" Version="{package.Version}" />
                {item}
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

    public CommandResult DotNet(params string[] arguments) => Command.Run("dotnet", Root, arguments);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
