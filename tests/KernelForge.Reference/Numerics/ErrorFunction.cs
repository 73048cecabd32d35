namespace KernelForge.Reference.Numerics;

/// <summary>erf in binary64.</summary>
public static class ErrorFunction
{
    /// <summary>2 / sqrt(pi) times the integral of exp(-t^2) from 0 to <paramref name="x"/>, to about 1e-15.</summary>
    public static double Of(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > 6)
            return Math.Sign(x);
        if (magnitude < 2.5)
            return Series(x);
        return Math.Sign(x) * (1 - Complement(magnitude));
    }

    // x * sum of 2^n x^2n / (1 * 3 * ... * (2n + 1)): all terms of one sign, so nothing cancels.
    private static double Series(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; n < 80; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    // The continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + ...))) from its end.
    private static double Complement(double x)
    {
        var fraction = x;
        for (var n = 120; n >= 1; n--)
            fraction = x + (n / 2.0 / fraction);
        return Math.Exp(-x * x) / (Math.Sqrt(Math.PI) * fraction);
    }
}
