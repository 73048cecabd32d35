using KernelForge.Generator;

namespace KernelForge.Kernels.Tests;

/// <summary>The machine code that the generator embeds and writes into generated classes, read apart from its own reader.</summary>
internal static class EmbeddedMachineCode
{
    private static readonly Dictionary<string, byte[]> Kernels = Read();

    public static byte[] Bytes(string kernel) => Kernels[kernel];

    private static Dictionary<string, byte[]> Read()
    {
        using var stream = typeof(ModelGenerator).Assembly.GetManifestResourceStream("KernelForge.MachineCode").ShouldNotBeNull();
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(kernel => kernel.Trim('\n').Split('\n'))
            .ToDictionary(lines => lines[0], lines => lines.Skip(1).SelectMany(line => Convert.FromHexString(line[..line.IndexOf('\t', StringComparison.Ordinal)])).ToArray(), StringComparer.Ordinal);
    }
}
