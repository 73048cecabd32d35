namespace KernelForge.Formats.Quantization;

/// <summary>
/// Chooses scale (and minimum) of a block so that the weighted squared error is small: from several starts, each of which clips the block's range
/// more or less, codes and scale are chosen in turn, each the best for the other (Lloyd, 1982). Plain rounding is one of the candidates, so the result
/// is never worse. Weights of the error are mean squares of the inputs that meet a column (as in AWQ: Lin et al., 2023), or ones.
/// </summary>
internal static class ScaleSearch
{
    private const int Refinements = 2;

    /// <summary>The range of a block spread over all codes, without a look at what is lost.</summary>
    public static BlockGrid Plain(WeightType type, ReadOnlySpan<float> values)
    {
        var (low, high) = Range(values);
        return type switch
        {
            WeightType.Q4_1 => new BlockGrid(type, (high - low) / 15, low),
            WeightType.Q8_0 => new BlockGrid(type, Math.Max(high, -low) / 127),
            // The code -8 has no opposite: the value that is farthest from zero gets it.
            _ => new BlockGrid(type, (high > -low ? high : low) / -8),
        };
    }

    /// <summary>The best grid found for a block of 32.</summary>
    /// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
    /// <param name="values">The block.</param>
    /// <param name="importance">A weight for each value's squared error; 0 or above.</param>
    public static BlockGrid Fit(WeightType type, ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        var best = Plain(type, values);
        var error = best.Error(values, importance);
        if (error == 0)
            return best;
        var (low, high) = Range(values);
        foreach (var start in Starts(type, low, high))
        {
            var grid = start;
            for (var i = 0; i < Refinements; i++)
            {
                grid = Refine(type, grid, values, importance);
                var found = grid.IsFinite ? grid.Error(values, importance) : double.PositiveInfinity;
                if (found >= error)
                    continue;
                (best, error) = (grid, found);
            }
        }

        return best;
    }

    private static IEnumerable<BlockGrid> Starts(WeightType type, float low, float high)
    {
        if (type == WeightType.Q4_1)
        {
            var middle = (low + (double)high) / 2;
            for (var codes = 14.0; codes <= 19; codes += 0.5)
                yield return new BlockGrid(type, (high - (double)low) / codes, middle - ((high - (double)low) / codes * 7.5));
            yield break;
        }

        var largest = (double)(high > -low ? high : low);
        var (first, last, step) = type == WeightType.Q8_0 ? (126.0, 128.0, 0.5) : (6.5, 9.5, 0.5);
        for (var codes = first; codes <= last; codes += step)
        {
            yield return new BlockGrid(type, largest / codes);
            if (type == WeightType.Q4_0)
                yield return new BlockGrid(type, -largest / codes);
        }
    }

    /// <summary>The scale (and minimum) with the least weighted error for the codes that a grid gives: weighted linear regression of values on codes.</summary>
    private static BlockGrid Refine(WeightType type, BlockGrid grid, ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        float ones = 0, codes = 0, squares = 0, sums = 0, products = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var code = (float)grid.Code(values[i]);
            var weighted = importance[i] * code;
            ones += importance[i];
            codes += weighted;
            squares += weighted * code;
            sums += importance[i] * values[i];
            products += weighted * values[i];
        }

        if (type != WeightType.Q4_1)
            return squares > 0 ? new BlockGrid(type, products / squares) : grid;
        var determinant = ((double)ones * squares) - ((double)codes * codes);
        if (determinant <= 1e-6 * ones * squares)
            return grid;
        var scale = (((double)ones * products) - ((double)codes * sums)) / determinant;
        return new BlockGrid(type, scale, (sums - (scale * codes)) / ones);
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        var (low, high) = (values[0], values[0]);
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        return (low, high);
    }
}
