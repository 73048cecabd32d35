using KernelForge.Graphs;

namespace KernelForge.Reference.RandomGraphs;

/// <summary>Norms with and without scales and shifts.</summary>
internal static class RandomNorm
{
    public static Norm Draw(Random random, RandomWeights weights, NormKind kind, int length, float epsilon)
    {
        var scale = random.Next(5) == 0 ? null : weights.Vector(length, 1f, 0.2f);
        var shift = kind == NormKind.Layer && random.Next(2) == 0 ? weights.Vector(length, 0f, 0.2f) : null;
        return new Norm(kind, scale, shift, epsilon);
    }
}
