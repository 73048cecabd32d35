using Iced.Intel;
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

/// <summary>One assembled kernel.</summary>
/// <param name="Name">Name of the constant that says where it begins.</param>
/// <param name="Lines">Its instructions and data in order; position independent.</param>
internal sealed record MachineKernel(string Name, IReadOnlyList<MachineLine> Lines)
{
    /// <summary>Its code.</summary>
    public byte[] Bytes => [.. Lines.SelectMany(line => line.Bytes)];

    /// <summary>Whether a kernel of this feature exists for these formats. The matrix unit wants scales of activations that are powers of two.</summary>
    public static bool Exists(MachineFeature feature, PackedLayout layout, ActivationFormat activations) =>
        PackedLayouts.IsInteger(layout) && activations != ActivationFormat.Float
        && (feature != MachineFeature.Amx || activations == ActivationFormat.Int12);

    public static string NameOf(MachineFeature feature, PackedLayout layout, ActivationFormat activations) => $"{layout}Times{activations}{feature}";

    public static MachineKernel Assemble(MachineFeature feature, PackedLayout layout, ActivationFormat activations)
    {
        var code = new Assembler(64);
        switch (feature)
        {
            case MachineFeature.Vnni512Vector:
                new Vnni512VectorKernel(layout, activations).Write(code);
                break;
            case MachineFeature.Vnni512:
                new Vnni512Kernel(layout, activations).Write(code);
                break;
            default:
                new AmxKernel(layout).Write(code);
                break;
        }

        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), rip: 0);
        return new(NameOf(feature, layout, activations), List(stream.ToArray(), code.Instructions));
    }

    /// <summary>Every instruction as it will be decoded, jump targets counted from the kernel's start; data in lines of 16 bytes.</summary>
    private static List<MachineLine> List(byte[] bytes, IReadOnlyList<Instruction> instructions)
    {
        var decoder = Decoder.Create(64, bytes);
        var formatter = new IntelFormatter();
        var lines = new List<MachineLine>();
        foreach (var written in instructions)
        {
            if (written.Code is Code.DeclareByte)
                break;
            var output = new StringOutput();
            var start = (int)decoder.IP;
            formatter.Format(decoder.Decode(), output);
            lines.Add(new([.. bytes.Skip(start).Take((int)decoder.IP - start)], output.ToStringAndReset()));
        }

        for (var at = (int)decoder.IP; at < bytes.Length; at += 16)
            lines.Add(new([.. bytes.Skip(at).Take(16)], "data"));
        return lines;
    }
}

/// <summary>An instruction, or some data.</summary>
/// <param name="Bytes">As the processor reads them.</param>
/// <param name="Text">As a person does.</param>
internal sealed record MachineLine(byte[] Bytes, string Text);
