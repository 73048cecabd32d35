namespace KernelForge.Formats.Quantization;

/// <summary>
/// How an error in one column is made good by the columns after it: GPTQ (Frantar et al., 2022) in the form of LDLQ (Chee et al., 2023), which proves that
/// both give the same codes and needs no inverse. The moments H, damped by a hundredth of their mean diagonal, are (I + U) D (I + U)^T with U strictly
/// upper; the target of column k is its weight plus the errors of the columns j before it times U[j, k], and the output's squared error is the sum of
/// D[k] times the square of what code k misses of its target. Columns are taken in blocks of 32, those with the largest inputs first, since they have
/// most columns after them that can make good for them.
/// </summary>
internal sealed class ErrorFeedback
{
    private const double Damping = 0.01;
    private const int Tile = 16;

    private readonly float[] _feedback;
    private readonly int _width;

    /// <summary>Factors moments.</summary>
    public ErrorFeedback(InputMoments moments, CancellationToken cancellation)
    {
        _width = moments.Width;
        Order = BlockOrder(moments);
        var factor = Factor(moments, Order, cancellation);
        _feedback = new float[(long)_width * _width];
        Weights = new float[_width];
        for (var k = 0; k < _width; k++)
        {
            // The factor's rows and columns count from the last position to the first.
            var reversed = _width - 1 - k;
            var pivot = factor[(reversed * _width) + reversed];
            Weights[k] = (float)(pivot * pivot);
            for (var j = 0; j < k; j++)
                _feedback[(k * _width) + j] = (float)(factor[((_width - 1 - j) * _width) + reversed] / pivot);
        }
    }

    /// <summary>Which block of 32 columns stands at each position.</summary>
    public int[] Order { get; }

    /// <summary>D: what the squared miss of each position costs.</summary>
    public float[] Weights { get; }

    /// <summary>What the errors at the positions before <paramref name="position"/> add to its target.</summary>
    public ReadOnlySpan<float> Of(int position) => _feedback.AsSpan(position * _width, position);

    private static int[] BlockOrder(InputMoments moments)
    {
        var blocks = Enumerable.Range(0, moments.Width / BlockGrid.Length).ToArray();
        var sizes = Array.ConvertAll(blocks, block =>
        {
            var sum = 0.0;
            foreach (var square in moments.Diagonal.Slice(block * BlockGrid.Length, BlockGrid.Length))
                sum += square;
            return sum;
        });
        return [.. blocks.OrderByDescending(block => sizes[block])];
    }

    /// <summary>The Cholesky factor (lower, row after row) of the damped moments in reversed order of positions.</summary>
    private static double[] Factor(InputMoments moments, int[] order, CancellationToken cancellation)
    {
        var width = moments.Width;
        var columns = order.SelectMany(block => Enumerable.Range(block * BlockGrid.Length, BlockGrid.Length)).Reverse().ToArray();
        var trace = 0.0;
        for (var i = 0; i < width; i++)
            trace += moments.Row(i)[i];
        // Inputs that are all zero leave no moments at all; then every error costs the same.
        var damping = trace == 0 ? 1 : Damping * trace / width;
        var factor = new double[(long)width * width];
        for (var i = 0; i < width; i++)
        {
            for (var j = 0; j <= i; j++)
                factor[(i * width) + j] = moments.Row(Math.Max(columns[i], columns[j]))[Math.Min(columns[i], columns[j])];
            factor[(i * width) + i] += damping;
        }

        // Rows by tiles: each needs all rows before the tile first, which several rows read together, and then those of its own tile.
        const int together = 4;
        var options = new ParallelOptions { CancellationToken = cancellation };
        for (var first = 0; first < width; first += Tile)
        {
            var start = first;
            Parallel.For(0, Tile / together, options, part => Eliminate(factor, width, start + (part * together), together, start));
            for (var i = first; i < Math.Min(width, first + Tile); i++)
                Eliminate(factor, width, i, 1, i + 1, start);
        }

        return factor;
    }

    /// <summary>Finishes the entries of some rows from column <paramref name="from"/> to column <paramref name="end"/>, whose rows are finished.</summary>
    private static void Eliminate(double[] factor, int width, int row, int rows, int end, int from = 0)
    {
        for (var j = from; j < end; j++)
        {
            var other = factor.AsSpan(j * width, j);
            for (var i = row; i < Math.Min(width, row + rows); i++)
            {
                ref var entry = ref factor[(i * width) + j];
                var left = entry - Products.Dot<double>(other, factor.AsSpan(i * width, j));
                entry = i == j ? Math.Sqrt(left) : left / factor[(j * width) + j];
            }
        }
    }
}
