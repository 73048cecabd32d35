namespace KernelForge.Formats.Conversion;

/// <summary>How far converted values are from the stored ones: sums of squares in binary64.</summary>
/// <param name="Differences">Of the differences.</param>
/// <param name="Values">Of the stored values.</param>
internal readonly record struct ErrorSum(double Differences, double Values)
{
    /// <summary>Root mean square of the differences over that of the values.</summary>
    public double Relative => Differences == 0 ? 0 : Math.Sqrt(Differences / Values);

    public static ErrorSum operator +(ErrorSum a, ErrorSum b) => new(a.Differences + b.Differences, a.Values + b.Values);

    /// <summary>Compares two rows.</summary>
    public static ErrorSum Of(ReadOnlySpan<float> stored, ReadOnlySpan<float> converted)
    {
        var (differences, values) = (0.0, 0.0);
        for (var i = 0; i < stored.Length; i++)
        {
            var difference = (double)converted[i] - stored[i];
            differences += difference * difference;
            values += (double)stored[i] * stored[i];
        }
        return new ErrorSum(differences, values);
    }
}
