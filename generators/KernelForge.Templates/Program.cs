using KernelForge.Generator.MachineCode;
using KernelForge.TemplateLanguage;
using Microsoft.CodeAnalysis;

if (args is not [var folder, var output, var machineCode])
{
    await Console.Error.WriteLineAsync("usage: KernelForge.Templates FOLDER-OF-KERNELS TEMPLATES MACHINE-CODE");
    return 2;
}

var separator = Path.DirectorySeparatorChar;
var sources = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
    .Where(path => !path.Contains($"{separator}obj{separator}", StringComparison.Ordinal) && !path.Contains($"{separator}bin{separator}", StringComparison.Ordinal))
    .Select(path => KeyValuePair.Create(Path.GetRelativePath(folder, path).Replace(separator, '/'), File.ReadAllText(path)));
var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));

var resource = TemplateCompiler.Compile(sources, references, out var errors);
foreach (var error in errors)
{
    var place = error.Location.GetLineSpan();
    await Console.Error.WriteLineAsync(
        $"{Path.Combine(folder, place.Path)}({place.StartLinePosition.Line + 1},{place.StartLinePosition.Character + 1}): error {error.Id}: {error.GetMessage()}");
}
if (errors.Length > 0)
{
    return 1;
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
await File.WriteAllTextAsync(output, resource);
await File.WriteAllTextAsync(machineCode, MachineCodeResource.Write());
return 0;
