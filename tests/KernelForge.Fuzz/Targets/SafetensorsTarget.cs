using System.Buffers.Binary;
using KernelForge.Formats.Safetensors;
using KernelForge.Fuzz.Mutation;

namespace KernelForge.Fuzz.Targets;

/// <summary>Safetensors files: header and places of the data.</summary>
internal sealed class SafetensorsTarget(string folder) : FuzzTarget
{
    private const string Header =
        """{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[4,8],"data_offsets":[0,128]},"b.bias":{"dtype":"BF16","shape":[8],"data_offsets":[128,144]},"c":{"dtype":"U8","shape":[],"data_offsets":[144,145]}}""";

    private readonly string _path = Path.Combine(folder, "input.safetensors");
    private readonly List<JsonDefect> _defects = JsonDefects.All(System.Text.Encoding.UTF8.GetBytes(Header));

    public override string Name => "safetensors";

    public override IEnumerable<byte[]> Seeds => [WithHeader(System.Text.Encoding.UTF8.GetBytes(Header))];

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        if (random.Next(2) == 0)
            return ByteMutator.Mutate(random, Pick(random, corpus));
        var header = Pick(random, _defects).ApplyTo(System.Text.Encoding.UTF8.GetBytes(Header));
        var bytes = WithHeader(random.Next(2) == 0 ? header : ByteMutator.Mutate(random, header));
        return random.Next(8) == 0 ? ByteMutator.Mutate(random, bytes) : bytes;
    }

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        using var file = SafetensorsFile.Open(_path);
        foreach (var tensor in file.Tensors)
            file.Bytes(tensor).LastIndexOf((byte)0xAB);
    }

    private static byte[] WithHeader(byte[] header)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. new byte[145]];
    }
}
