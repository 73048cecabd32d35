using KernelForge.Cli.Compilation;
using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Formats.Quantization;
using KernelForge.Graphs;
using KernelForge.Reference.Weights;

namespace KernelForge.Cli.Quantization;

/// <summary>What was asked for.</summary>
/// <param name="Model">A GGUF file or a folder of floats.</param>
/// <param name="Output">A file or a new folder.</param>
/// <param name="IsFourBits">INT4; otherwise INT8.</param>
/// <param name="Text">The calibration text, or null.</param>
/// <param name="CalibrationTokens">Tokens of it at most.</param>
/// <param name="TargetSize">Bytes of the output's weight files at most, or null.</param>
/// <param name="MaxLoss">Mean divergence at most, in nats a token, or null.</param>
internal sealed record QuantizeRequest(string Model, string Output, bool IsFourBits, string? Text, int CalibrationTokens, long? TargetSize, double? MaxLoss);

/// <summary>What became of a model.</summary>
/// <param name="Tensors">The quantized ones, by name.</param>
/// <param name="Scope">What else there is, and why it stays.</param>
/// <param name="Before">The original's loss, or null: there was no text, or it is an encoder.</param>
/// <param name="After">The copy's.</param>
internal sealed record QuantizeResult(IReadOnlyDictionary<string, QuantizedTensor> Tensors, QuantizationScope Scope, Loss? Before, Loss? After);

/// <summary>Quantizes a model: chooses types, computes codes, measures, writes.</summary>
internal sealed class ModelQuantizer(ModelFile model, QuantizeRequest request, CancellationToken cancellation)
{
    // A block with a minimum takes a ninth more bytes than one without.
    private const double WorthMinimum = 0.95;

    /// <summary>Does it.</summary>
    /// <exception cref="ModelFormatException">The model is damaged.</exception>
    /// <exception cref="UserException">It is quantized already, or what was asked for cannot be had.</exception>
    public QuantizeResult Run()
    {
        var built = PlanCompiler.BuildGraph(model.Describe());
        var graph = built.Graph ?? throw new UserException($"{request.Model}: {ModelPlanner.Text(built.Problems)}");
        var target = new RewrittenModel(model);
        var scope = new QuantizationScope(graph, model.Weights, target);
        var text = request.Text is null ? null : CalibrationText.Encode(model, graph, request.Text, request.CalibrationTokens);
        if (request.MaxLoss is not null && (text is null || graph.Outputs.Count > 0))
            throw new UserException(text is null ? "--max-loss is measured on a text: give one with --calibrate." : $"--max-loss: {graph.Architecture} is an encoder, which predicts no tokens.");
        target.Check(cancellation);

        using var source = ModelSource.Open(request.Model);
        var pass = new CalibratedPass(graph, model.Weights, scope, text?.Calibration, source.Values, cancellation);
        var isWeighed = text is not null && (request.TargetSize is not null || request.MaxLoss is not null);
        var units = Measure(scope, target, isWeighed ? pass.Importance() : []);
        var meter = text is null || graph.Outputs.Count > 0 ? null : new LossMeter(graph, text.HeldOut, source.Values, cancellation);
        var allocation = new BitAllocation(units, target.OtherBytes(units.SelectMany(unit => unit.Tensors).ToHashSet(StringComparer.Ordinal)));
        var (tensors, loss) = Choose(units, allocation, pass, meter, source.Values);
        target.Write(request.Output, tensors, cancellation);
        return new QuantizeResult(tensors, scope, meter?.Original, loss);
    }

    private List<TensorUnit> Measure(QuantizationScope scope, RewrittenModel target, Dictionary<string, InputMoments> importance)
    {
        var units = new List<TensorUnit>();
        foreach (var names in scope.Units)
        {
            var isTable = scope.Tables.Contains(names[0]);
            var types = request.IsFourBits ? target.FourBits.Append(WeightType.Q8_0) : [WeightType.Q8_0];
            var levels = types.Select(type => new StorageLevel(
                type,
                names.Select(name => UnitMeasure.Of(model.Weights.FindWeight(name)!, type, isTable ? null : importance.GetValueOrDefault(name), cancellation)).Aggregate((a, b) => a + b).Share,
                names.Sum(name => target.Bytes(name, type)))).Append(new StorageLevel(null, 0, names.Sum(name => target.Bytes(name, null)))).ToList();

            // A type that costs more bytes than another and loses as much is none to choose.
            var preferred = isTable || !request.IsFourBits ? levels.FindIndex(level => level.Type == WeightType.Q8_0)
                : levels.Count > 3 && Math.Sqrt(levels[1].Error) < WorthMinimum * Math.Sqrt(levels[0].Error) ? 1
                : 0;
            units.Add(new TensorUnit(names, levels, preferred));
        }

        return units;
    }

    private (Dictionary<string, QuantizedTensor> Tensors, Loss? Loss) Choose(
        List<TensorUnit> units, BitAllocation allocation, CalibratedPass pass, LossMeter? meter, Func<string, float[]> original)
    {
        var budget = request.TargetSize ?? long.MaxValue;
        var first = allocation.Within(budget) ?? throw new UserException(
            $"--target-size: {budget:N0} bytes are not enough; this model takes {allocation.Size(allocation.Smallest):N0} at least with --weights {(request.IsFourBits ? "int4" : "int8, and less with int4")}.");

        // A budget alone is spent; a bound of the loss alone costs no more bytes than it needs.
        var steps = request.TargetSize is null && request.MaxLoss is null ? [first] : allocation.Upgrades(first, budget);
        if (request.MaxLoss is not { } most)
            return Try(steps[^1]);
        var best = Try(first);
        if (best.Loss!.Divergence <= most)
            return best;
        var (low, high) = (0, steps.Count - 1);
        best = Try(steps[high]);
        if (best.Loss!.Divergence > most)
            throw new UserException($"--max-loss {most}: {(request.TargetSize is null ? "the least" : $"within {budget:N0} bytes the least")} that was reached is {best.Loss.Divergence:0.#####} nats a token. Allow more{(request.TargetSize is null ? "" : " loss or more bytes")}.");
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            var tried = Try(steps[middle]);
            if (tried.Loss!.Divergence <= most)
                (best, high) = (tried, middle);
            else
                low = middle;
        }

        return best;

        (Dictionary<string, QuantizedTensor> Tensors, Loss? Loss) Try(int[] choice)
        {
            var types = units.SelectMany((unit, i) => unit.Tensors.Select(name => (Name: name, unit.Levels[choice[i]].Type)))
                .Where(tensor => tensor.Type is not null).ToDictionary(tensor => tensor.Name, tensor => tensor.Type!.Value, StringComparer.Ordinal);
            var tensors = pass.Quantize(types);
            return (tensors, meter?.Measure(name => tensors.TryGetValue(name, out var tensor) ? tensor.Values() : original(name), cancellation));
        }
    }
}
