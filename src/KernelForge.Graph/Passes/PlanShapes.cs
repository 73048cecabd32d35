using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>Whether indices, widths and kinds of buffers and tensors fit together.</summary>
internal static class PlanShapes
{
    public static IEnumerable<string> Problems(Plan plan)
    {
        var problems = new List<string>();
        foreach (var call in plan.Calls)
        {
            if (call.Kind < 0 || call.Kind >= plan.Kinds.Count || call.Block < 0 || call.Block >= plan.Blocks.Count || call.CacheLayer >= Layers(plan, plan.Kinds[call.Kind]))
            {
                problems.Add("a call names a kind, block or cache layer that is not there");
                continue;
            }

            foreach (var step in plan.Kinds[call.Kind].Steps)
                problems.AddRange(Problems(plan, step, plan.Blocks[call.Block].Tensors).Select(problem => $"step '{step.Name}' {problem}"));
        }

        foreach (var tensor in plan.Blocks.SelectMany(block => block.Tensors))
        {
            var rows = tensor.Parts.Sum(part => part.Rows);
            if (tensor.Length != PackedLayouts.Length(tensor) || rows != tensor.Experts * (tensor.Layout == PackedLayout.Vector ? tensor.Columns : tensor.Rows))
                problems.Add($"tensor '{tensor.Name}' is not as long as its parts");
        }

        foreach (var buffer in plan.Buffers.Where(buffer => buffer.Rows < 1 || buffer.BytesPerToken < buffer.Rows * PackedLayouts.RowBytes(buffer.Width, buffer.Format)))
            problems.Add($"buffer '{buffer.Name}' is too narrow");
        return problems.Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Problems(Plan plan, Step step, EquatableArray<PackedTensor> tensors)
    {
        if (StepAccesses.Buffers(step).Any(buffer => buffer < 0 || buffer >= plan.Buffers.Count))
            return ["names a buffer that is not there"];
        return step switch
        {
            EmbedStep embed => Check(
                (IsMatrix(plan.Blocks, embed.Block, embed.Tensor) is { } table && table.Rows >= plan.Vocabulary && table.Columns == Width(embed.Output), "has no table of its shape"),
                (!Quantized(embed.Output), "writes a quantized buffer")),
            LookupStep lookup => Check(
                (lookup.Tensor >= 0 && lookup.Tensor < tensors.Count && tensors[lookup.Tensor] is { Layout: not PackedLayout.Vector } rows
                    && rows.Rows >= (lookup.Key == LookupKey.Position ? plan.Context : 1) && rows.Columns == Width(lookup.Output), "has no table of its shape"),
                (!Quantized(lookup.Output), "writes a quantized buffer")),
            OutputStep output => Check(
                (output.Output >= 0 && output.Output < plan.Outputs.Count && plan.Outputs[output.Output].Width == Width(output.Input) && !Quantized(output.Input), "has no output of its width")),
            ActivateStep activate => Check((!Quantized(activate.Input) && !Quantized(activate.Output) && Width(activate.Input) == Width(activate.Output), "has buffers of different forms")),
            NormStep norm => Check(
                (norm.Scale < 0 || IsVector(tensors, norm.Scale, Width(norm.Input)), "has no scale of its length"),
                (norm.Shift < 0 || IsVector(tensors, norm.Shift, Width(norm.Input)), "has no shift of its length"),
                (!Quantized(norm.Input) && Width(norm.Input) == Width(norm.Output), "has buffers of different widths")),
            HeadNormStep norm => Check(
                (!Quantized(norm.Buffer) && norm.HeadSize > 0 && norm.Heads * norm.HeadSize == Width(norm.Buffer), "has a buffer of another width than its heads"),
                (IsVector(tensors, norm.Scale, norm.HeadSize) || IsVector(tensors, norm.Scale, norm.Heads * norm.HeadSize), "has no scale of its length"),
                (norm.Shift < 0 || (IsVector(tensors, norm.Scale, norm.HeadSize) ? IsVector(tensors, norm.Shift, norm.HeadSize) : IsVector(tensors, norm.Shift, norm.Heads * norm.HeadSize)), "has no shift of its length")),
            QuantizeStep quantize => Check(
                (!Quantized(quantize.Input) && Quantized(quantize.Output) && Width(quantize.Input) == Width(quantize.Output), "does not lead from floats to codes of the same width")),
            SelectStep select => Check((plan.Buffers[select.Input] with { Name = string.Empty, OffsetPerToken = 0 } == plan.Buffers[select.Output] with { Name = string.Empty, OffsetPerToken = 0 }, "has buffers of different forms")),
            AddStep add => Check(
                (!Quantized(add.Input) && !Quantized(add.Output) && Width(add.Input) == Width(add.Output), "has buffers of different forms"),
                (add.Gate < 0 || IsVector(tensors, add.Gate, 1), "has a gate that is no single number")),
            GateStep gate => Check((!Quantized(gate.Input) && Width(gate.Input) == 2 * Width(gate.Output), "has buffers of other widths than gate and up")),
            MatMulStep matmul => MatMul(plan, matmul, tensors),
            RouteStep route => Check(
                (!Quantized(route.Logits) && (route.Correction < 0 || IsVector(tensors, route.Correction, Width(route.Logits))), "has logits or a correction of another form"),
                (Width(route.Output) >= RoutingWidth(route.Routing.Active), "has no room for its routing")),
            GatherStep gather => Check(
                (Rows(gather.Input) == 1 && Width(gather.Input) == Width(gather.Output), "has buffers of different forms"),
                (gather.IsWeighted ? !Quantized(gather.Input) : plan.Buffers[gather.Input].Format == plan.Buffers[gather.Output].Format, "weighs codes, or changes how rows are stored without"),
                (Width(gather.Routing) >= RoutingWidth(Rows(gather.Output)), "has another number of experts than its routing")),
            ExpertMatMulStep experts => ExpertMatMul(plan, experts, tensors),
            CombineStep combine => Check(
                (Width(combine.Input) == Width(combine.Output) && !Quantized(combine.Input) && !Quantized(combine.Output) && Rows(combine.Output) == 1, "has buffers of different forms")),
            RowGateStep gate => Check((Width(gate.Input) == Width(gate.Output) && Width(gate.Gate) == 1, "has buffers of different forms")),
            CacheStep { IsKept: true } or AttentionStep { IsKept: true } when plan.Kept is null => ["is about what is kept, which is nothing"],
            InputStep input => Check((!Quantized(input.Output) && plan.Input is not GraphInput.Tokens, "has no rows to copy, or writes codes")),
            WindowStep window => Check(
                (!Quantized(window.Input) && !Quantized(window.Output) && window.Taps % 2 == 1 && window.Stride > 0 && Width(window.Output) == window.Taps * Width(window.Input), "has no rows as wide as its windows")),
            ProbeStep probe => Check((!Quantized(probe.Output) && IsVector(tensors, probe.Tensor, Width(probe.Output)), "has no row of its width")),
            CacheStep cache => Check(
                (cache.Norms is not { } norms || AreNorms(norms, cache.Heads, plan.CacheOf(cache.IsKept)), "has norms of other lengths than its heads"),
                (!Quantized(cache.Buffer) && cache.Rotary < plan.Rotaries.Count, "reads codes, or names a rotary table that is not there"),
                (cache.Heads % plan.CacheOf(cache.IsKept).KeyValueHeads == 0, "has heads that its key heads do not divide"),
                (cache.QueryColumn >= 0 && cache.KeyColumn >= cache.QueryColumn + (cache.Heads * plan.CacheOf(cache.IsKept).HeadSize), "has queries and keys that overlap"),
                (cache.ValueColumn >= cache.KeyColumn + (plan.CacheOf(cache.IsKept).KeyValueHeads * plan.CacheOf(cache.IsKept).HeadSize), "has keys and values that overlap"),
                (cache.ValueColumn + (plan.CacheOf(cache.IsKept).KeyValueHeads * plan.CacheOf(cache.IsKept).HeadSize) <= Width(cache.Buffer), "reaches beyond its buffer")),
            AttentionStep attention => Check(
                (!Quantized(attention.Input) && Width(attention.Output) == attention.Heads * plan.CacheOf(attention.IsKept).HeadSize, "has buffers of other widths than its heads"),
                (attention.Sinks < 0 || IsVector(tensors, attention.Sinks, attention.Heads), "has another number of sinks than heads"),
                (attention.Bias < 0 || IsBias(tensors, attention.Bias, attention.Heads), "has a bias of another shape"),
                (attention.Chunk >= 0 && attention.Temperature is not { Floor: <= 0 }, "has chunks or a temperature that cannot be"),
                (!Quantized(attention.Output) || plan.CacheOf(attention.IsKept).HeadSize % PackedLayouts.Tile == 0, "quantizes heads that are no whole blocks of 32")),
            HeadMatMulStep heads => HeadMatMul(plan, heads, tensors),
            LatentCacheStep latent => Check(
                (!new[] { latent.Query, latent.Latent, latent.Key, latent.Output }.Any(Quantized), "reads or writes codes"),
                (Width(latent.Latent) == plan.Cache.HeadSize && Width(latent.Key) == plan.Cache.RotatedKey, "has latents or keys of other widths than the cache"),
                (latent.Heads > 0 && Width(latent.Query) % latent.Heads == 0 && Width(latent.Query) / latent.Heads >= plan.Cache.RotatedKey && Width(latent.Output) == latent.Heads * plan.Cache.RotatedKey, "has queries of other widths than its heads"),
                (latent.Rotary >= 0 && latent.Rotary < plan.Rotaries.Count && plan.Rotaries[latent.Rotary].Pairs * 2 == plan.Cache.RotatedKey, "has no rotary table of its size")),
            LatentAttentionStep latent => Check(
                (!new[] { latent.Latent, latent.Rotated, latent.Output }.Any(Quantized), "reads or writes codes"),
                (plan.Cache.KeyValueHeads == 1 && Width(latent.Latent) == latent.Heads * plan.Cache.HeadSize && Width(latent.Output) == Width(latent.Latent) && Width(latent.Rotated) == latent.Heads * plan.Cache.RotatedKey, "has buffers of other widths than its heads")),
            ConvolutionStep convolution => Check(
                (!Quantized(convolution.Buffer) && !Quantized(convolution.Output) && Width(convolution.Output) == plan.Cache.ConvolutionWidth, "writes another width than the cache keeps"),
                (new[] { convolution.BeforeColumn, convolution.AfterColumn, convolution.ValueColumn }.All(column => column >= 0 && column + plan.Cache.ConvolutionWidth <= Width(convolution.Buffer)), "reaches beyond its buffer"),
                (IsTaps(tensors, convolution.Taps, plan.Cache.ConvolutionWidth), "has no taps of its width"),
                (convolution.Bias < 0 || IsVector(tensors, convolution.Bias, plan.Cache.ConvolutionWidth), "has no bias of its length")),
            _ => [],
        };

        int Rows(int buffer) => plan.Buffers[buffer].Rows;
        int Width(int buffer) => plan.Buffers[buffer].Width;
        bool Quantized(int buffer) => plan.Buffers[buffer].IsQuantized;

        bool AreNorms(CacheNorms norms, int heads, CacheShape cache)
        {
            var (size, keys) = (cache.HeadSize, cache.KeyValueHeads);
            bool Fits(int tensor, int count) => tensor < 0 || IsVector(tensors, tensor, count * size) || (!norms.Whole && IsVector(tensors, tensor, size));
            return Fits(norms.QueryScale, heads) && Fits(norms.QueryShift, heads) && Fits(norms.KeyScale, keys) && Fits(norms.KeyShift, keys);
        }
    }

    /// <summary>Of those that the cache has of the kind.</summary>
    private static int Layers(Plan plan, StepKind kind) => kind.Steps.Any(step => step is ConvolutionStep) ? plan.Cache.Convolutions
        : kind.Steps.Any(step => step is CacheStep { IsKept: true } or AttentionStep { IsKept: true }) ? plan.Kept?.Layers ?? 0
        : plan.Cache.Layers;

    private static IEnumerable<string> MatMul(Plan plan, MatMulStep matmul, EquatableArray<PackedTensor> tensors)
    {
        if (matmul.Matrix < 0 || matmul.Matrix >= tensors.Count || tensors[matmul.Matrix].Layout == PackedLayout.Vector)
            return ["has no matrix"];
        var matrix = tensors[matmul.Matrix];
        var input = plan.Buffers[matmul.Input];
        var coded = plan.Activations != ActivationMode.Float && PackedLayouts.IsInteger(matrix.Layout);
        var outputs = matmul.Epilogue == Epilogue.Gate ? matrix.Rows / 2 : matrix.Rows;
        return Check(
            (input.Width == matrix.Columns, "has a matrix of another depth than its input"),
            (input.IsQuantized == coded, coded ? "needs codes and reads floats" : "needs floats and reads codes"),
            (matmul.Bias < 0 || IsVector(tensors, matmul.Bias, matrix.Rows), "has no bias of its length"),
            (matmul.Epilogue == Epilogue.Logits ? matmul.Output < 0 && matrix.Rows == plan.Vocabulary : matmul.OutputColumn + outputs <= plan.Buffers[matmul.Output].Width, "reaches beyond its output"),
            (matmul.OutputColumn >= 0 && matmul.OutputColumn % PackedLayouts.Tile == 0, "does not begin at a block of 32"),
            (matmul.Epilogue is Epilogue.Gate or Epilogue.Logits || !plan.Buffers[matmul.Output].IsQuantized, "writes a quantized buffer"),
            (matmul.Epilogue != Epilogue.Gate || matrix.Interleaved, "has rows that do not alternate"));
    }

    private static IEnumerable<string> HeadMatMul(Plan plan, HeadMatMulStep step, EquatableArray<PackedTensor> tensors)
    {
        if (step.Matrix < 0 || step.Matrix >= tensors.Count || tensors[step.Matrix].Layout == PackedLayout.Vector)
            return ["has no matrix"];
        var matrix = tensors[step.Matrix];
        var (input, output) = (plan.Buffers[step.Input], plan.Buffers[step.Output]);
        return Check(
            (!PackedLayouts.IsInteger(matrix.Layout) && !input.IsQuantized && !output.IsQuantized, "reads or writes codes"),
            (matrix.Columns <= step.InputStride && matrix.Experts * step.InputStride == input.Width, "has another input than its heads"),
            (output.Width == matrix.Experts * matrix.Rows, "has another output than its heads"));
    }

    private static IEnumerable<string> ExpertMatMul(Plan plan, ExpertMatMulStep step, EquatableArray<PackedTensor> tensors)
    {
        if (step.Matrix < 0 || step.Matrix >= tensors.Count || tensors[step.Matrix].Layout == PackedLayout.Vector)
            return ["has no matrix"];
        var matrix = tensors[step.Matrix];
        var (input, output) = (plan.Buffers[step.Input], plan.Buffers[step.Output]);
        var isGate = step.Epilogue == Epilogue.Gate;
        var coded = plan.Activations != ActivationMode.Float && PackedLayouts.IsInteger(matrix.Layout);
        return Check(
            (input.Width == matrix.Columns && output.Width == (isGate ? matrix.Rows / 2 : matrix.Rows), "has buffers of other widths than its matrix"),
            (input.Rows == output.Rows, "has buffers of different numbers of rows"),
            (input.IsQuantized == coded, coded ? "needs codes and reads floats" : "needs floats and reads codes"),
            (step.Bias < 0 || (IsVector(tensors, step.Bias, matrix.Rows) && tensors[step.Bias].Experts == matrix.Experts), "has no biases of its length"),
            (matrix.Interleaved == isGate && (isGate || step.Epilogue == Epilogue.Store), "has rows that do not fit its epilogue"),
            (isGate || !output.IsQuantized, "writes a quantized buffer"));
    }

    /// <summary>Numbers that a token's routing takes (<see cref="RouteStep"/>).</summary>
    internal static int RoutingWidth(int active) => (6 * active) + 2;

    private static PackedTensor? IsMatrix(EquatableArray<WeightBlock> blocks, int block, int tensor) =>
        block >= 0 && block < blocks.Count && tensor >= 0 && tensor < blocks[block].Tensors.Count
        && blocks[block].Tensors[tensor] is { Layout: not PackedLayout.Vector } matrix ? matrix : null;

    private static bool IsVector(EquatableArray<PackedTensor> tensors, int index, int length) =>
        index >= 0 && index < tensors.Count && tensors[index].Layout == PackedLayout.Vector && tensors[index].Columns == length;

    private static bool IsBias(EquatableArray<PackedTensor> tensors, int index, int heads) =>
        index < tensors.Count && tensors[index] is { Layout: PackedLayout.Vector, Parts.Count: 1 } bias && bias.Parts[0].Distances is { Reach: >= DistanceRows.Block - 1 } rows && bias.Columns == heads * rows.Length;

    private static bool IsTaps(EquatableArray<PackedTensor> tensors, int index, int width) =>
        index >= 0 && index < tensors.Count && tensors[index] is { Layout: PackedLayout.Vector } taps && width > 0 && taps.Columns > 0 && taps.Columns % width == 0;

    private static IEnumerable<string> Check(params (bool Holds, string Problem)[] checks) =>
        checks.Where(check => !check.Holds).Select(check => check.Problem);
}
