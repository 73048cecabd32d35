using KernelForge.Fuzz;

namespace KernelForge.Cli.Tests.Hostile;

/// <summary>A few seconds of every fuzzer, always the same inputs; docs/fuzzing.md says how to run them for longer.</summary>
[Collection("kforge")]
public sealed class FuzzTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_is_answered_by_anything_but_a_result_or_a_refusal(string name)
    {
        var loop = new FuzzLoop(FuzzTargets.Create(name, _scratch.Root), FuzzTargets.Corpus, seed: 20);
        var finds = loop.Run(TimeSpan.FromMinutes(1), most: 300, _ => { });
        finds.Select(find => $"{find.Reproduction}\n{find.Fault}").ShouldBeEmpty();
        loop.Executions.ShouldBe(300);
        loop.Outcomes.ShouldBeGreaterThan(3);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void An_input_is_decided_by_seed_and_number(string name)
    {
        var (first, second) = (new ScratchFolder(), new ScratchFolder());
        using (first)
        using (second)
        {
            var one = new FuzzLoop(FuzzTargets.Create(name, first.Root), FuzzTargets.Corpus, seed: 5);
            var other = new FuzzLoop(FuzzTargets.Create(name, second.Root), FuzzTargets.Corpus, seed: 5);
            one.Input(17);
            for (var i = 0; i < 10; i++)
                one.Input(i).ShouldBe(other.Input(i));
        }
    }

    [Fact]
    public void A_fault_is_a_find_and_a_refusal_is_none()
    {
        var loop = new FuzzLoop(new Faulty(), FuzzTargets.Corpus, seed: 1);
        loop.Try([0]).Fault.ShouldBeNull();
        loop.Try([1]).Fault.ShouldBeNull();
        loop.Try([2]).Fault.ShouldNotBeNull().ShouldContain("IndexOutOfRange");
        loop.Try([3]).Fault.ShouldNotBeNull().ShouldContain("allocated");
        loop.Run(TimeSpan.FromMinutes(1), most: 4, _ => { }).First().Reproduction.ShouldEndWith("faulty --reproduce 1:2");
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>Refuses 1, fails at 2, allocates too much at 3; its inputs are counted.</summary>
    private sealed class Faulty : FuzzTarget
    {
        private byte _next;

        public override string Name => "faulty";

        public override byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus) => [_next++];

        public override void Run(byte[] input)
        {
            if (input[0] == 1)
                throw new ModelFormatException("file", "refused");
            if (input[0] == 2)
                throw new IndexOutOfRangeException();
            if (input[0] == 3)
                GC.KeepAlive(new byte[20 << 20]);
        }
    }
}
