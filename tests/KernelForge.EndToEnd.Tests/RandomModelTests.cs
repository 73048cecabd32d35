using KernelForge.Plans;
using KernelForge.Reference;
using KernelForge.Reference.RandomModels;
using KernelForge.Runtime;

namespace KernelForge.EndToEnd.Tests;

/// <summary>Generated code equals the contract interpreter bit for bit, whatever the model.</summary>
public sealed class RandomModelTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-random-");

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 3)];

    public static TheoryData<int> MoreSeeds => [.. Enumerable.Range(4, 16)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void EqualsTheContract(int seed) => Check(seed);

    [Theory]
    [Trait("Category", "Long")]
    [MemberData(nameof(MoreSeeds))]
    public void EqualsTheContractForManyMore(int seed) => Check(seed);

    private void Check(int seed)
    {
        var random = RandomModel.Create(seed);
        var activations = (seed % 4) switch { 0 => ActivationMode.Float, 1 => ActivationMode.Int8, _ => ActivationMode.Int12 };
        var cache = (KeyValueFormat)(seed % 3);
        using var compiled = new CompiledModel(random.Save(_directory.FullName), activations, InstructionSets.Selected.ToString());
        var tokens = random.Tokens(100);
        var expected = compiled.Expected(tokens, cache);

        using var one = compiled.Load(cache, threads: 1);
        using var two = compiled.Load(cache, threads: 2, chunk: 24);

        var description = $"seed {seed}, {activations}, {cache}: {random.Shape}";
        Comparison.FirstBitDifference(expected, SessionRuns.Score(one, tokens)).ShouldBeNull($"whole, {description}");
        Comparison.FirstBitDifference(expected, SessionRuns.Score(two, tokens, piece: 37)).ShouldBeNull($"in pieces on 2 threads, {description}");
        Comparison.FirstBitDifference(expected, SessionRuns.Score(two, tokens, piece: 1)).ShouldBeNull($"token by token on 2 threads, {description}");
    }
}
