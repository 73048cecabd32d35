using KernelForge.Cli.Output;
using KernelForge.Formats.Quantization;
using KernelForge.Formats.Weights;
using KernelForge.Graphs;
using KernelForge.Reference;

namespace KernelForge.Cli.Quantization;

/// <summary>
/// Quantizes while the model computes the calibration tokens: each matrix when its input is known, after which the model goes on with the quantized
/// one, so that later matrices make good for earlier ones (as GPTQ does, layer after layer). Moments of one input at a time are in memory.
/// </summary>
internal sealed class CalibratedPass(ModelGraph graph, IWeights weights, QuantizationScope scope, int[]? tokens, Func<string, float[]> original, CancellationToken cancellation)
{
    /// <summary>Quantizes tensors to the types given. Without tokens, and where no token came (an expert that was never chosen), block by block.</summary>
    public Dictionary<string, QuantizedTensor> Quantize(IReadOnlyDictionary<string, WeightType> types)
    {
        var tensors = types.ToDictionary(type => type.Key, type => new QuantizedTensor(weights.FindWeight(type.Key)!, type.Value), StringComparer.Ordinal);
        var status = new StatusLine("quantizing");

        // A table's rows are looked up, not multiplied; as the head it must be the same.
        foreach (var table in scope.Tables)
            Finish(table);
        if (tokens is not null)
            Compute(part => tensors.GetValueOrDefault(part.Matrix.Tensor), name => tensors.TryGetValue(name, out var tensor) ? tensor.Values() : original(name), status);
        var done = 0;
        foreach (var name in tensors.Keys)
        {
            Finish(name);
            status.Report(++done / (double)tensors.Count);
        }

        status.Clear();
        return tensors;

        void Finish(string name)
        {
            if (tensors.TryGetValue(name, out var tensor))
                tensor.Quantize(Enumerable.Range(0, tensor.Rows), inputs: null, cancellation);
        }
    }

    /// <summary>Mean squares of what each tensor of the original reads; of experts in one tensor, of the one with most tokens.</summary>
    public Dictionary<string, InputMoments> Importance()
    {
        var found = new Dictionary<string, (int Tokens, InputMoments Moments)>(StringComparer.Ordinal);
        var status = new StatusLine("looking at inputs");
        Run(original, status, (part, input) =>
        {
            if (!found.TryGetValue(part.Matrix.Tensor, out var known) || known.Tokens < input.Length)
                found[part.Matrix.Tensor] = (input.Length, new InputMoments(input, onlyDiagonal: true, cancellation));
        });
        status.Clear();
        return found.ToDictionary(entry => entry.Key, entry => entry.Value.Moments, StringComparer.Ordinal);
    }

    private void Compute(Func<LinearPart, QuantizedTensor?> find, Func<string, float[]> values, StatusLine status)
    {
        double[][]? last = null;
        InputMoments? moments = null;
        Run(values, status, (part, input) =>
        {
            if (find(part) is not { } tensor || scope.Tables.Contains(part.Matrix.Tensor))
                return;
            if (!ReferenceEquals(input, last))
                (last, moments) = (input, new InputMoments(input, cancellation: cancellation));
            var matrix = part.Matrix;
            tensor.Quantize(Enumerable.Range(0, matrix.Rows).Select(row => matrix.View is { } view ? (int)(view.RowStart(row) / matrix.Columns) : row), moments, cancellation);
        });
    }

    private void Run(Func<string, float[]> values, StatusLine status, Action<LinearPart, double[][]> meet)
    {
        var done = 0;
        new FloatInterpreter(graph, values)
        {
            Observe = (_, _) =>
            {
                cancellation.ThrowIfCancellationRequested();
                status.Report(++done / (double)graph.Nodes.Count);
            },
            ObserveInput = (part, input) =>
            {
                cancellation.ThrowIfCancellationRequested();
                meet(part, input);
            },
        }.Forward(tokens!);
    }
}
