namespace KernelForge.Formats.Decoding;

/// <summary>E2M1, the four-bit float of OCP's Microscaling Formats v1.0: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives, here doubled to integers.</summary>
internal static class Fp4
{
    /// <summary>Twice the value of each code; the negative zero is 0.</summary>
    public static ReadOnlySpan<sbyte> Doubled => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];
}
