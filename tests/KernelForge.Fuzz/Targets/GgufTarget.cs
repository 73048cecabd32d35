using KernelForge.Cli;
using KernelForge.Cli.Commands;
using KernelForge.Cli.Inspection;
using KernelForge.Fuzz.Mutation;
using KernelForge.Plans;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Fuzz.Targets;

/// <summary>GGUF files through all of <c>kforge inspect</c>: container, hyper-parameters, plan, tokenizer, template, weights.</summary>
internal sealed class GgufTarget(string folder) : FuzzTarget
{
    private readonly string _path = Path.Combine(folder, "input.gguf");

    public override string Name => "gguf";

    public override IEnumerable<byte[]> Seeds => SmallModels.All;

    public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus)
    {
        var input = Pick(random, corpus);
        if (random.Next(4) == 0)
            return ByteMutator.Mutate(random, input, random.Next(2) == 0 ? 2000 : int.MaxValue);
        var bytes = SmallModels.Spoil(random);
        return random.Next(8) == 0 ? ByteMutator.Mutate(random, bytes) : bytes;
    }

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        ModelCheck.Check(new ModelRequest(_path, ActivationMode.Int12, KeyValueFormat.F16, Context: 0, Threads: 1, UseMachineCode: false));
    }

    public override bool IsRefusal(Exception error) => error is ModelFormatException or UserException;
}
