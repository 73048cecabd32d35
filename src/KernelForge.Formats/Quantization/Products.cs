using System.Numerics;
using System.Runtime.InteropServices;

namespace KernelForge.Formats.Quantization;

/// <summary>Inner products in vectors.</summary>
internal static class Products
{
    /// <summary>The sum of left[i] * right[i] over the length of <paramref name="left"/>.</summary>
    public static T Dot<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right)
        where T : unmanaged, INumber<T>
    {
        var a = MemoryMarshal.Cast<T, Vector<T>>(left);
        var b = MemoryMarshal.Cast<T, Vector<T>>(right);
        var (first, second) = (Vector<T>.Zero, Vector<T>.Zero);
        var i = 0;
        for (; i + 2 <= a.Length; i += 2)
        {
            first += a[i] * b[i];
            second += a[i + 1] * b[i + 1];
        }

        if (i < a.Length)
            first += a[i] * b[i];
        var sum = Vector.Sum(first + second);
        for (var j = a.Length * Vector<T>.Count; j < left.Length; j++)
            sum += left[j] * right[j];
        return sum;
    }
}
