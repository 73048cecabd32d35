namespace KernelForge.Formats.Checkpoints;

/// <summary>The eight-bit float with four bits of exponent and three of mantissa, in its form without infinities (e4m3fn).</summary>
internal static class E4M3
{
    private static readonly float[] Values = [.. Enumerable.Range(0, 256).Select(code => Value(code))];

    /// <summary>What a code stands for.</summary>
    public static float Decode(byte code) => Values[code];

    private static float Value(int code)
    {
        var (exponent, mantissa) = (code >> 3 & 15, code & 7);
        var magnitude = (code & 127) == 127 ? float.NaN : exponent == 0 ? MathF.ScaleB(mantissa, -9) : MathF.ScaleB(8 + mantissa, exponent - 10);
        return code < 128 ? magnitude : -magnitude;
    }
}
