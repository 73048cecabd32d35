using System.Text;
using KernelForge.Formats.Description;
using KernelForge.Formats.IO;
using KernelForge.Manifests;

namespace KernelForge.Build;

/// <summary>Writes the manifest of a model file, or in its place why there is none: the generator reports that, at the right moment.</summary>
internal static class DescribeCommand
{
    public static int Run(string modelPath, string manifestPath)
    {
        WriteIfChanged(manifestPath, Describe(modelPath));
        return 0;
    }

    private static string Describe(string modelPath)
    {
        var name = Path.GetFileName(modelPath);
        if (!File.Exists(modelPath) && !Directory.Exists(modelPath))
            return ManifestText.WriteProblem(new(ProblemCodes.FileMissing, $"The model file {modelPath} does not exist. Correct the Include of the KernelForgeModel item, or put the file there."), name);
        try
        {
            return ManifestText.Write(Describer.Describe(modelPath));
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException)
        {
            return ManifestText.WriteProblem(new(ProblemCodes.FileUnreadable, e.Message, (e as ModelFormatException)?.Key), name);
        }
    }

    // The time of an unchanged manifest stays: nothing that depends on it is done again.
    private static void WriteIfChanged(string path, string text)
    {
        if (File.Exists(path) && File.ReadAllText(path) == text)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        OutputFile.Write(path, Encoding.UTF8.GetBytes(text));
    }
}
