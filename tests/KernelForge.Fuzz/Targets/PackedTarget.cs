using System.Buffers.Binary;
using KernelForge.Compilation;
using KernelForge.Formats.Packing;
using KernelForge.Fuzz.Mutation;
using KernelForge.Packed;
using KernelForge.Plans;
using KernelForge.Text;

namespace KernelForge.Fuzz.Targets;

/// <summary>Packed files as a program loads them, with their tokenizer put to work, and as <c>kforge verify</c> reads them.</summary>
internal sealed unsafe class PackedTarget : FuzzTarget
{
    private const string Text = "ab cd\n12 <|end|> \u00e9\U0001F600 !";

    private readonly string _path;
    private readonly string _planHash;
    private readonly byte[] _sound;

    public PackedTarget(string folder)
    {
        _path = Path.Combine(folder, "input.kfw");
        var model = Path.Combine(folder, "packed.gguf");
        File.WriteAllBytes(model, SmallModels.All[0]);
        var plan = PlanCompiler.Compile(Formats.Description.Describer.Describe(model), new PlanOptions()).Plan!;
        _planHash = Convert.ToHexStringLower(PlanEncoding.Hash(plan));
        var packed = Path.Combine(folder, "sound.kfw");
        Packer.Pack(plan, model, packed);
        _sound = File.ReadAllBytes(packed);
    }

    public override string Name => "packed";

    public override IEnumerable<byte[]> Seeds => [_sound];

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        var tokenizer = Tokenizer();
        var bytes = random.Next(3) switch
        {
            0 => ByteMutator.Mutate(random, Pick(random, corpus), 4096),
            1 => [.. _sound[..tokenizer.Offset], .. ByteMutator.Mutate(random, _sound[tokenizer.Offset..], random.Next(2) == 0 ? 256 : tokenizer.Length)],
            _ => ByteMutator.Mutate(random, Pick(random, corpus)),
        };
        // A right checksum lets the checks behind it be reached.
        return random.Next(4) == 0 ? bytes : WithChecksum(bytes);
    }

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        Exception? refused = null;
        try
        {
            Load();
        }
        catch (Exception error) when (IsRefusal(error))
        {
            refused = error;
        }

        PackedFileVerifier.Verify(_path);
        if (!input.AsSpan().SequenceEqual(_sound) && refused is null && SameLength(input))
            throw new InvalidOperationException("An altered byte was verified.");
    }

    public override bool IsRefusal(Exception error) => error is PackedFileException or ModelFormatException;

    private void Load()
    {
        using var model = PackedModel.Open("Model", _planHash, _path);
        var section = model.Section("tokenizer", out var length);
        var tokenizer = new Tokenizer(section, length);
        var tokens = new TokenBuffer();
        tokenizer.Encode(Text, tokens, parseSpecial: true);
        foreach (var id in tokens.Ids)
            tokenizer.GetBytes(id);
    }

    // With a checksum made anew, bytes of the directory may differ and still belong together; everything else must be noticed.
    private bool SameLength(byte[] input) => input.Length == _sound.Length && input.AsSpan(0, 4096).SequenceEqual(_sound.AsSpan(0, 4096));

    private (int Offset, int Length) Tokenizer()
    {
        for (var entry = 64; ; entry += 64)
        {
            if (_sound.AsSpan(entry).StartsWith("tokenizer"u8))
                return ((int)BinaryPrimitives.ReadInt64LittleEndian(_sound.AsSpan(entry + 32)), (int)BinaryPrimitives.ReadInt64LittleEndian(_sound.AsSpan(entry + 40)));
        }
    }

    private static byte[] WithChecksum(byte[] bytes)
    {
        if (bytes.Length < 4096 || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) is var entries && entries > 60)
            return bytes;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), bytes.Length);
        var hash = new XxHash3();
        hash.Append(bytes.AsSpan(0, 56));
        hash.Append(bytes.AsSpan(64, (int)entries * 64));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(56), hash.Finish());
        return bytes;
    }
}
