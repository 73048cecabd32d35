using System.Globalization;
using System.Text;
using KernelForge.Graphs;

namespace KernelForge.Plans;

/// <summary>Prints a plan for people.</summary>
public static class PlanPrinter
{
    /// <summary>One line a step, buffer and tensor; calls and blocks of one kind in a row are printed once. Deterministic.</summary>
    public static string Print(Plan plan)
    {
        var text = new StringBuilder();
        Line(text, $"{plan.Architecture}: vocabulary {plan.Vocabulary}, width {plan.Width}, context {plan.Context}, activations {plan.Activations}");
        Line(text, $"{(plan.IsEncoder ? "keys and values of a layer" : "cache")}: {Describe(plan.Cache)}, {plan.Cache.DefaultFormat}");
        if (plan.Kept is { } kept)
            Line(text, $"kept of other rows: {Describe(kept)}");
        for (var i = 0; i < plan.Rotaries.Count; i++)
            Line(text, $"rotary {i}: {GraphPrinter.Rotary(plan.Rotaries[i])}");
        Line(text, $"buffers: {(plan.Buffers.Count == 0 ? 0 : plan.Buffers.Max(buffer => buffer.OffsetPerToken + buffer.BytesPerToken))} bytes a token");
        foreach (var buffer in plan.Buffers)
            Line(text, $"  {buffer.OffsetPerToken,8} +{buffer.BytesPerToken,-7} {buffer.Name}[{(buffer.Rows > 1 ? Invariant($"{buffer.Rows}, ") : string.Empty)}{buffer.Width}] {GraphPrinter.Word(buffer.Format)}");
        var runs = Runs(plan);
        Line(text, $"calls:");
        foreach (var (first, last, _) in runs)
            Line(text, $"  {Range(plan, first, last)}, weights {plan.Blocks[first.Block].Offset} to {plan.Blocks[last.Block].Offset + plan.Blocks[last.Block].Length}");
        foreach (var (first, last, body) in runs)
        {
            var names = plan.Kinds[first.Kind].Name == plan.Kinds[last.Kind].Name ? string.Empty : " to " + plan.Kinds[last.Kind].Name;
            Line(text, $"kind {plan.Kinds[first.Kind].Name}{names}: {plan.Blocks[first.Block].Length} bytes of weights");
            text.Append(body);
        }

        foreach (var view in plan.Views().Skip(1))
            text.Append($"\npart {view.PartName}, ").Append(Print(view));
        return text.ToString();
    }

    /// <summary>What the cache keeps of a position, in words.</summary>
    public static string Describe(CacheShape cache) =>
        (cache.RotatedKey > 0 ? Invariant($"{cache.Layers} layers, latents of {cache.HeadSize} and rotated keys of {cache.RotatedKey}") : Invariant($"{cache.Layers} layers, {cache.KeyValueHeads} heads of {cache.HeadSize}"))
        + (cache.Convolutions > 0 ? Invariant($"; {cache.Convolutions} convolutions of {cache.ConvolutionWidth}") : string.Empty);

    /// <summary>One line about a step.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="step">A step of it.</param>
    /// <param name="block">A block that the step runs on.</param>
    public static string Describe(Plan plan, Step step, WeightBlock block)
    {
        string Name(int buffer) => plan.Buffers[buffer].Name;
        return step switch
        {
            EmbedStep embed => Invariant($"{Name(embed.Output)} = {(embed.Factor == 1 ? string.Empty : Invariant($"{embed.Factor:R} * "))}embed {plan.Blocks[embed.Block].Name} / {plan.Blocks[embed.Block].Tensors[embed.Tensor].Name}"),
            InputStep input => $"{Name(input.Output)} = rows of {plan.Input.Name}",
            WindowStep window => Invariant($"{Name(window.Output)} = windows of {window.Taps} rows of {Name(window.Input)}, each {window.Stride} on"),
            ProbeStep probe => $"{Name(probe.Output)} = the row {block.Tensors[probe.Tensor].Name} for each {(plan.Input is GraphInput.Patches ? "image" : "text")}",
            LookupStep lookup => $"{Name(lookup.Output)} = {(lookup.Key == LookupKey.Position ? "positions" : "types")} of {block.Tensors[lookup.Tensor].Name}",
            NormStep norm => Invariant($"{Name(norm.Output)} = {(norm.Kind == NormKind.Rms ? "rms" : "layer")} norm {Name(norm.Input)}, epsilon {norm.Epsilon:R}{Codes(norm.Output)}"),
            HeadNormStep norm => Invariant($"{Name(norm.Buffer)} = {(norm.Kind == NormKind.Rms ? "rms" : "layer")} norm of {norm.Heads} heads of {norm.HeadSize} in place, epsilon {norm.Epsilon:R}"),
            QuantizeStep quantize => $"{Name(quantize.Output)} = {Name(quantize.Input)}{Codes(quantize.Output)}",
            SelectStep select => $"{Name(select.Output)} = rows of {Name(select.Input)} {(plan.IsEncoder ? "that begin texts" : "whose logits are asked for")}",
            OutputStep output => $"{plan.Outputs[output.Output].Name} = {Name(output.Input)}",
            AddStep add => Invariant($"{Name(add.Output)} += {(add.Factor == 1 ? string.Empty : Invariant($"{add.Factor:R} * "))}{(add.Gate < 0 ? string.Empty : $"tanh({block.Tensors[add.Gate].Name}) * ")}{Name(add.Input)}"),
            GateStep gate => $"{Name(gate.Output)} = {GraphPrinter.Word(gate.Activation)}(gate) * up of {Name(gate.Input)}",
            ActivateStep activate => $"{Name(activate.Output)} = {GraphPrinter.Word(activate.Activation)}({Name(activate.Input)})",
            MatMulStep matmul => MatMul(matmul, Name),
            CacheStep { IsKept: true } keep => $"kept: {(keep.Norms is null ? string.Empty : "normalize keys, ")}store keys and values of {Name(keep.Buffer)}",
            CacheStep cache => Invariant($"cache: {(cache.Norms is { } norms ? (norms.AfterRotary ? "rotate, then normalize" : "normalize, then rotate") : "rotate")} {cache.Heads} query heads and the keys of {Name(cache.Buffer)}, store keys and values"),
            AttentionStep attention => Invariant($"{Name(attention.Output)} = attention of {attention.Heads} heads in {Name(attention.Input)}, scale {attention.Scale:R}{(attention.Softcap > 0 ? Invariant($", softcap {attention.Softcap:R}") : string.Empty)}{(attention.Window > 0 ? Invariant($", window {attention.Window}") : string.Empty)}{(attention.Ahead > 0 ? ", both ways" : string.Empty)}{(attention.IsKept ? ", over what is kept" : string.Empty)}{Extras(attention)}{Codes(attention.Output)}; -- barrier, where heads are divided"),
            HeadMatMulStep heads => Invariant($"{Name(heads.Output)} = {Name(heads.Input)} x {block.Tensors[heads.Matrix].Name}, head by head, {heads.TokenTile} tokens a tile"),
            LatentCacheStep latent => Invariant($"cache: store {Name(latent.Latent)} and rotated {Name(latent.Key)}; {Name(latent.Output)} = rotated ends of {latent.Heads} heads of {Name(latent.Query)}"),
            LatentAttentionStep latent => Invariant($"{Name(latent.Output)} = attention of {latent.Heads} heads in {Name(latent.Latent)} and {Name(latent.Rotated)} over latents, scale {latent.Scale:R}"),
            ConvolutionStep convolution => Invariant($"{Name(convolution.Output)} = after * convolution of {block.Tensors[convolution.Taps].Columns / plan.Cache.ConvolutionWidth}{(convolution.Bias < 0 ? string.Empty : " with bias")}(before * value) in {Name(convolution.Buffer)}, kept in the cache"),
            RouteStep route => Invariant($"{Name(route.Output)} = {route.Routing.Active} experts by {Name(route.Logits)}"),
            GatherStep gather => $"{Name(gather.Output)} = {(gather.IsWeighted ? "weighted rows" : "rows")} of {Name(gather.Input)} by expert{(gather.IsWeighted ? Codes(gather.Output) : string.Empty)}",
            ExpertMatMulStep experts => Invariant($"{Name(experts.Output)} = {(experts.Epilogue != Epilogue.Gate ? string.Empty : experts.Clamp is { } clamp ? GraphPrinter.Clamped(clamp) : GraphPrinter.Word(experts.Activation) + " gate")}({Name(experts.Input)} x {block.Tensors[experts.Matrix].Name}{(experts.Bias < 0 ? string.Empty : " + bias")}){Codes(experts.Output)}, {experts.TokenTile} tokens a tile"),
            CombineStep combine => $"{Name(combine.Output)} = {(combine.IsWeighted ? "weighted sum" : "sum")} of {Name(combine.Input)}",
            RowGateStep gate => $"{Name(gate.Output)} = {Name(gate.Input)} * sigmoid({Name(gate.Gate)})",
            BarrierStep barrier => barrier.SeveralTokens ? "-- barrier, of several tokens" : "-- barrier",
            _ => step.Name,
        };

        string Extras(AttentionStep attention) =>
            (attention.Chunk > 0 ? Invariant($", chunks of {attention.Chunk}") : string.Empty) + (attention.Sinks < 0 ? string.Empty : ", with sinks") + (attention.Bias < 0 ? string.Empty : ", biased by distance")
            + (attention.Temperature is { } temperature ? GraphPrinter.Describe(temperature) : string.Empty);

        string Codes(int buffer) => plan.Buffers[buffer].IsQuantized ? ", as " + GraphPrinter.Word(plan.Buffers[buffer].Format) : string.Empty;

        string MatMul(MatMulStep matmul, Func<int, string> name)
        {
            var product = $"{name(matmul.Input)} x {block.Tensors[matmul.Matrix].Name}{(matmul.Bias < 0 ? string.Empty : " + bias")}";
            var tile = Invariant($", {matmul.TokenTile} tokens a tile");
            return matmul.Epilogue switch
            {
                Epilogue.Residual => $"{name(matmul.Output)} += {product}{tile}",
                Epilogue.Gate => $"{name(matmul.Output)} = {(matmul.Activation == Activation.Silu ? "swiglu" : GraphPrinter.Word(matmul.Activation) + " gate")}({product}){Codes(matmul.Output)}{tile}",
                Epilogue.Activate => $"{name(matmul.Output)} = {GraphPrinter.Word(matmul.Activation)}({product}){tile}",
                Epilogue.Logits => Invariant($"logits or arg-max of {product}{(matmul.Softcap > 0 ? Invariant($", softcap {matmul.Softcap:R}") : string.Empty)}{tile}"),
                _ => $"{name(matmul.Output)}{(matmul.OutputColumn == 0 ? string.Empty : Invariant($" from {matmul.OutputColumn}"))} = {product}{tile}",
            };
        }
    }

    /// <summary>Calls in a row that look the same: all equal layers, also while each still has a kind of its own.</summary>
    private static List<(Call First, Call Last, string Body)> Runs(Plan plan)
    {
        var bodies = new Dictionary<int, string>();
        var runs = new List<(Call First, Call Last, string Body)>();
        foreach (var call in plan.Calls)
        {
            if (!bodies.TryGetValue(call.Kind, out var body))
                bodies[call.Kind] = body = Body(plan, plan.Kinds[call.Kind], plan.Blocks[call.Block]);
            var last = runs.Count - 1;
            if (last >= 0 && runs[last].Body == body && call.CacheLayer - runs[last].Last.CacheLayer is 0 or 1)
                runs[last] = (runs[last].First, call, body);
            else
                runs.Add((call, call, body));
        }

        return runs;
    }

    private static string Body(Plan plan, StepKind kind, WeightBlock block)
    {
        var text = new StringBuilder();
        foreach (var tensor in block.Tensors)
            Line(text, $"  {tensor.Offset,10} +{tensor.Length,-9} {Tensor(tensor)}");
        foreach (var step in kind.Steps)
            Line(text, $"  {Describe(plan, step, block)}");
        return text.ToString();
    }

    private static string Range(Plan plan, Call first, Call last)
    {
        var calls = plan.Kinds[first.Kind].Name + " on " + plan.Blocks[first.Block].Name;
        return first == last ? calls : calls + " to " + plan.Blocks[last.Block].Name;
    }

    private static string Tensor(PackedTensor tensor) => tensor.Layout == PackedLayout.Vector
        ? Invariant($"{tensor.Name}[{tensor.Columns}]")
        : Invariant($"{tensor.Name}[{tensor.Rows}, {tensor.Columns}] {tensor.Layout}{(tensor.Interleaved ? ", interleaved" : string.Empty)}{(tensor.Experts > 1 ? Invariant($", {tensor.Experts} experts") : string.Empty)}");

    private static void Line(StringBuilder text, FormattableString line) => text.Append(Invariant(line)).Append('\n');

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
