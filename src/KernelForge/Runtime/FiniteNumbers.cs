using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Whether numbers are numbers.</summary>
internal static class FiniteNumbers
{
    /// <summary>Whether none is NaN or infinite; some microseconds for a vocabulary.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
        {
            // A comparison with NaN is false.
            if (!Vector.LessThanAll(Vector.Abs(vector), new Vector<float>(float.PositiveInfinity)))
                return false;
        }
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (!float.IsFinite(value))
                return false;
        }
        return true;
    }
}
