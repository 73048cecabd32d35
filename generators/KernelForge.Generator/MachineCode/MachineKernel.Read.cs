using System.Globalization;
using KernelForge.Plans;

namespace KernelForge.Generator.MachineCode;

/// <summary>Where the generator has its kernels from: they are the same for every model, so our own build has assembled them (<c>KernelForge.MachineCode</c>).</summary>
internal sealed partial record MachineKernel
{
    private const string ResourceName = "KernelForge.MachineCode";
    private static readonly Lazy<string> Resource = new(ReadResource);

    /// <summary>A kernel that exists.</summary>
    public static MachineKernel Read(MachineFeature feature, PackedLayout layout, ActivationFormat activations)
    {
        var name = NameOf(feature, layout, activations);
        var head = $"\n{name}\n";
        var at = Resource.Value.IndexOf(head, StringComparison.Ordinal);
        if (at < 0)
            throw new InvalidOperationException($"The machine code of this generator has no '{name}': it was built from other sources.");
        var begin = at + head.Length;
        var end = Resource.Value.IndexOf("\n\n", begin, StringComparison.Ordinal);
        var lines = Resource.Value.Substring(begin, end - begin).Split('\n');
        return new(name, [.. lines.Select(ReadLine)]);
    }

    private static MachineLine ReadLine(string line)
    {
        var tab = line.IndexOf('\t');
        var bytes = new byte[tab / 2];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = byte.Parse(line.Substring(2 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return new(bytes, line.Substring(tab + 1));
    }

    private static string ReadResource()
    {
        using var stream = typeof(MachineKernel).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The resource '{ResourceName}' is missing from this assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
