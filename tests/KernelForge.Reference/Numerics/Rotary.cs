namespace KernelForge.Reference.Numerics;

/// <summary>Rotary embedding of heads whose pairs are neighbours (docs/numerics.md).</summary>
public static class Rotary
{
    /// <summary>Rotates one head in place.</summary>
    /// <param name="head">Values of the head; those beyond the rotated pairs stay.</param>
    /// <param name="angles">The position's row of the table: cosine and sine of each pair.</param>
    public static void Rotate(Span<float> head, ReadOnlySpan<float> angles)
    {
        for (var pair = 0; pair < angles.Length / 2; pair++)
        {
            var cosine = angles[2 * pair];
            var sine = angles[(2 * pair) + 1];
            var a = head[2 * pair];
            var b = head[(2 * pair) + 1];
            head[2 * pair] = MathF.FusedMultiplyAdd(a, cosine, -(b * sine));
            head[(2 * pair) + 1] = MathF.FusedMultiplyAdd(a, sine, b * cosine);
        }
    }
}
