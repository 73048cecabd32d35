using KernelForge.Plans;

namespace KernelForge.Generator.MachineCode;

/// <summary>What a machine-code kernel needs of the processor, and what it is for.</summary>
internal enum MachineFeature
{
    /// <summary>AVX-512 with VNNI, one token.</summary>
    Vnni512Vector,

    /// <summary>AVX-512 with VNNI, any number of tokens.</summary>
    Vnni512,

    /// <summary>AMX-BF16 and AVX-512 BF16 besides, tiles of 16 tokens.</summary>
    Amx,
}

/// <summary>One assembled kernel. Our own build assembles it, the generator reads it.</summary>
/// <param name="Name">Name of the constant that says where it begins.</param>
/// <param name="Lines">Its instructions and data in order; position independent.</param>
internal sealed partial record MachineKernel(string Name, IReadOnlyList<MachineLine> Lines)
{
    /// <summary>Its code.</summary>
    public byte[] Bytes { get; } = [.. Lines.SelectMany(line => line.Bytes)];

    /// <summary>Whether a kernel of this feature exists for these formats. The matrix unit wants scales of activations that are powers of two.</summary>
    public static bool Exists(MachineFeature feature, PackedLayout layout, ActivationFormat activations) =>
        PackedLayouts.IsInteger(layout) && activations != ActivationFormat.Float
        && (feature != MachineFeature.Amx || activations == ActivationFormat.Int12);

    public static string NameOf(MachineFeature feature, PackedLayout layout, ActivationFormat activations) => $"{layout}Times{activations}{feature}";
}

/// <summary>An instruction, or some data.</summary>
/// <param name="Bytes">As the processor reads them.</param>
/// <param name="Text">As a person does.</param>
internal sealed record MachineLine(byte[] Bytes, string Text);
