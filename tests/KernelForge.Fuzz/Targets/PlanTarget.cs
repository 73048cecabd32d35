using System.Text;
using KernelForge.Compilation;
using KernelForge.Fuzz.Mutation;
using KernelForge.Manifests;
using KernelForge.Plans;

namespace KernelForge.Fuzz.Targets;

/// <summary>What the compiler writes and reads back: plans (binary), and manifests (text), which are then compiled.</summary>
internal sealed class PlanTarget : FuzzTarget
{
    public override string Name => "graph-plan";

    public override IEnumerable<byte[]> Seeds { get; } = [.. SmallModels.Manifests().SelectMany(manifest => new[]
    {
        Encoding.UTF8.GetBytes(ManifestText.Write(manifest)),
        PlanEncoding.Encode(PlanCompiler.Compile(manifest, new PlanOptions()).Plan!),
    })];

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        var input = Pick(random, corpus);
        return IsManifest(input) && random.Next(2) == 0
            ? Encoding.UTF8.GetBytes(TextMutator.Mutate(random, Encoding.UTF8.GetString(input), "meta\tllama.block_count\tInteger\t4096\ntensor\ttoken_embd.weight\t8\t48x32\t0\t1632\n"))
            : ByteMutator.Mutate(random, input);
    }

    public override void Run(byte[] input)
    {
        if (IsManifest(input))
        {
            if (ManifestText.Read(Encoding.UTF8.GetString(input)).Manifest is { } manifest)
                PlanCompiler.Compile(manifest, new PlanOptions());
            return;
        }

        var plan = PlanEncoding.Decode(input);
        if (!PlanEncoding.Encode(plan).AsSpan().SequenceEqual(input))
            throw new InvalidOperationException("The same plan has two encodings.");
    }

    public override bool IsRefusal(Exception error) => error is FormatException;

    private static bool IsManifest(byte[] input) => input.AsSpan().StartsWith("kfmanifest"u8);
}
