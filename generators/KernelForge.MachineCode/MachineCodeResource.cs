using System.Text;
using KernelForge.Plans;

namespace KernelForge.Generator.MachineCode;

/// <summary>Writes what the generator embeds: every kernel there is, since none depends on a model.</summary>
internal static class MachineCodeResource
{
    /// <summary>For each kernel an empty line, its name, then a line for each instruction: its bytes in hexadecimal, a tab, its text.</summary>
    public static string Write()
    {
        var resource = new StringBuilder();
        foreach (var kernel in Kernels())
        {
            resource.Append('\n').Append(kernel.Name).Append('\n');
            foreach (var line in kernel.Lines)
                resource.Append(Convert.ToHexString(line.Bytes)).Append('\t').Append(line.Text).Append('\n');
        }

        return resource.Append('\n').ToString();
    }

    private static IEnumerable<MachineKernel> Kernels() =>
        from layout in Enum.GetValues<PackedLayout>()
        from activations in Enum.GetValues<ActivationFormat>()
        from feature in Enum.GetValues<MachineFeature>()
        where MachineKernel.Exists(feature, layout, activations)
        select MachineKernel.Assemble(feature, layout, activations);
}
