namespace KernelForge.Reference;

/// <summary>How far apart values are, and where.</summary>
public static class Comparison
{
    /// <summary>The largest difference, as a share of the largest expected magnitude.</summary>
    public static double Relative(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var size = 0.0;
        var difference = 0.0;
        foreach (var (e, a) in expected.Zip(actual))
        {
            if (!double.IsFinite(a))
                return double.PositiveInfinity;
            size = Math.Max(size, Math.Abs(e));
            difference = Math.Max(difference, Math.Abs(e - a));
        }

        return difference / Math.Max(size, double.Epsilon);
    }

    /// <summary>The sum of the squared differences over that of the expected values.</summary>
    public static double NormalizedSquaredError(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            return double.PositiveInfinity;
        var (differences, squares) = (0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            differences += Math.Pow((double)actual[i] - expected[i], 2);
            squares += Math.Pow(expected[i], 2);
        }

        return differences / squares;
    }

    /// <summary>Says which value is the first whose bits differ, or null where all agree.</summary>
    public static string? FirstBitDifference(IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual)
    {
        if (expected.Count != actual.Count)
            return $"{expected.Count} rows are expected and there are {actual.Count}";
        for (var row = 0; row < expected.Count; row++)
        {
            if (expected[row].Length != actual[row].Length)
                return $"row {row}: {expected[row].Length} values are expected and there are {actual[row].Length}";
            var different = Enumerable.Range(0, expected[row].Length).Where(i =>
                BitConverter.SingleToInt32Bits(expected[row][i]) != BitConverter.SingleToInt32Bits(actual[row][i])).ToArray();
            if (different.Length > 0)
            {
                var i = different[0];
                return $"row {row}: {different.Length} of {expected[row].Length} values differ, the first at {i}: "
                    + $"{expected[row][i]:R} (0x{BitConverter.SingleToInt32Bits(expected[row][i]):X8}) is expected, "
                    + $"{actual[row][i]:R} (0x{BitConverter.SingleToInt32Bits(actual[row][i]):X8}) found";
            }
        }

        return null;
    }
}
