using KernelForge.Plans;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>
/// Random graphs that are compiled together. Kernels are what takes long to compile, so what these are specialised by is the batch's: all graphs of it
/// share them.
/// </summary>
public sealed class RandomBatch
{
    private static readonly int[] HeadSizes = [6, 8, 15, 16, 20, 32, 40, 64, 72, 96, 128];

    private RandomBatch(int seed, int count)
    {
        var random = new Random(seed);
        Seed = seed;
        HeadSize = HeadSizes[random.Next(HeadSizes.Length)];
        Activations = (ActivationMode)(seed % 3);
        Cache = (CacheFormat)random.Next(3);

        // Two types of codes, whatever they meet, and one of floats.
        var types = SourceTensor.Types.ToArray();
        random.Shuffle(types);
        Types = [.. types.Where(IsFloat).Take(1), .. types.Where(type => !IsFloat(type)).Take(2)];
        Graphs = [.. Enumerable.Range(0, count).Select(i => RandomGraph.Create((seed * 1000) + i, this))];
    }

    /// <summary>What all of it is drawn from.</summary>
    public int Seed { get; }

    /// <summary>Values of a head.</summary>
    public int HeadSize { get; }

    /// <summary>Numbers that meet quantized weights.</summary>
    public ActivationMode Activations { get; }

    /// <summary>How keys and values are stored.</summary>
    public CacheFormat Cache { get; }

    /// <summary>Types of matrices.</summary>
    public IReadOnlyList<WeightType> Types { get; }

    /// <summary>The graphs.</summary>
    public IReadOnlyList<RandomGraph> Graphs { get; }

    /// <summary>The same graphs for the same seed.</summary>
    public static RandomBatch Create(int seed, int count) => new(seed, count);

    /// <inheritdoc/>
    public override string ToString() => $"batch {Seed}: heads of {HeadSize}, {Activations} activations, {Cache} cache, {string.Join("+", Types)}";

    /// <summary>Whether a matrix of the type may have rows of any length.</summary>
    internal static bool IsFloat(WeightType type) => type is WeightType.F32 or WeightType.F16 or WeightType.BF16;
}
