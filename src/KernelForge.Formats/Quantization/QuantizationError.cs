namespace KernelForge.Formats.Quantization;

/// <summary>What quantization changed: sums of squares.</summary>
/// <param name="Differences">Of the weights' differences.</param>
/// <param name="Weights">Of the weights.</param>
/// <param name="OutputDifferences">Of the outputs' differences over the calibration tokens; 0 without them.</param>
/// <param name="Outputs">Of the outputs; 0 without calibration.</param>
public readonly record struct QuantizationError(double Differences, double Weights, double OutputDifferences = 0, double Outputs = 0)
{
    /// <summary>Root mean square of the weights' differences over that of the weights.</summary>
    public double OfWeights => Weights == 0 ? 0 : Math.Sqrt(Differences / Weights);

    /// <summary>Root mean square of the outputs' differences over that of the outputs; null without calibration.</summary>
    public double? OfOutputs => Outputs == 0 ? null : Math.Sqrt(OutputDifferences / Outputs);

    /// <summary>The share of the signal that is lost: of the outputs' squares where they are known, otherwise of the weights'.</summary>
    public double Share => Outputs == 0 ? Weights == 0 ? 0 : Differences / Weights : OutputDifferences / Outputs;

    /// <summary>Adds sums.</summary>
    public static QuantizationError operator +(QuantizationError a, QuantizationError b) =>
        new(a.Differences + b.Differences, a.Weights + b.Weights, a.OutputDifferences + b.OutputDifferences, a.Outputs + b.Outputs);
}
