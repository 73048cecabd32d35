using Iced.Intel;
using KernelForge.Plans;

namespace KernelForge.Generator.MachineCode;

/// <summary>How a kernel comes about.</summary>
internal sealed partial record MachineKernel
{
    /// <summary>Assembles a kernel.</summary>
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
