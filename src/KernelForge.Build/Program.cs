using KernelForge;
using KernelForge.Build;
using KernelForge.Formats.Packing;
using KernelForge.Terminal;

// A response file, one argument a line: no shell reads the paths in it.
if (args is [['@', .. var responseFile]])
    args = File.ReadAllLines(responseFile);

PrintableWriter.Install();
using var interruption = new Interruption();

// The tool behind the MSBuild targets. Its errors have MSBuild's form (file : error CODE: text), so they show as build errors.
try
{
    return args switch
    {
        ["describe", var model, "-o", var manifest] => DescribeCommand.Run(model, manifest),
        ["pack", var assembly, "-o", var directory, .. var models] => PackCommand.Run(assembly, directory, models, interruption.Token),
        ["append", var executable, .. var packed] => Append(executable, packed, interruption.Token),
        _ => Usage(),
    };
}
catch (OperationCanceledException)
{
    // As a shell counts what a signal ended.
    Console.Error.WriteLine("kforge-build: interrupted, nothing was written");
    return 130;
}
catch (ModelFormatException e)
{
    return Fail(e.File, e.Code, e.Message);
}
catch (PackedFileException e)
{
    return Fail(e.FilePath ?? "kforge-build", ProblemCodes.FileUnreadable, e.Message);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    return Fail("kforge-build", ProblemCodes.FileUnreadable, e.Message);
}

// Whatever else goes wrong is a defect of ours; a build log still gets one line, not a stack trace.
catch (Exception e) when (e is not OutOfMemoryException)
{
    return Fail("kforge-build", ProblemCodes.FileUnreadable, $"{e.GetType().Name}: {e.Message}");
}

static int Append(string executable, string[] packed, CancellationToken cancellation)
{
    PackedAppender.Append(executable, packed, cancellation);
    Console.WriteLine($"{Path.GetFileName(executable)} carries {string.Join(", ", packed.Select(Path.GetFileName))}: {new FileInfo(executable).Length / 1e6:F1} MB");
    return 0;
}

static int Fail(string origin, string code, string message)
{
    Console.Error.WriteLine($"{origin} : error {code}: {message.ReplaceLineEndings(" ")}");
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine("kforge-build describe MODEL -o MANIFEST | pack ASSEMBLY -o DIRECTORY CLASS=MODEL... | append EXECUTABLE PACKED...");
    return 2;
}
