using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Quantization;

/// <summary>How much of the signal tensors lose in a type, each block rounded for itself.</summary>
public static class UnitMeasure
{
    // A sample of a large matrix is as good: errors of rows differ little.
    private const int MostRows = 512;

    /// <summary>Sums over rows of a tensor.</summary>
    /// <param name="tensor">Floats, in rows of a multiple of 32.</param>
    /// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
    /// <param name="inputs">Mean squares of the inputs, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static QuantizationError Of(WeightTensor tensor, WeightType type, InputMoments? inputs, CancellationToken cancellation)
    {
        var count = (int)Math.Min(tensor.Rows, MostRows);
        var rows = new float[count][];
        for (var i = 0; i < count; i++)
            tensor.Decode(tensor.Rows * i / count, rows[i] = new float[tensor.Columns]);
        var bytes = Array.ConvertAll(rows, _ => new byte[tensor.Columns / BlockGrid.Length * BlockGrid.Bytes(type)].AsMemory());
        var error = QuantizedTensor.Quantize(tensor, type, rows, inputs, bytes, cancellation);
        var share = (double)tensor.Rows / count;
        return new QuantizationError(error.Differences * share, error.Weights * share, error.OutputDifferences * share, error.Outputs * share);
    }
}
