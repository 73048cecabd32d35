using KernelForge.Generator.MachineCode;
using KernelForge.Generator.Specialization;
using KernelForge.Graphs;
using KernelForge.Plans;

namespace KernelForge.Generator.Emission;

/// <summary>A matrix product: two kernels, one for a single token and one for several, and what becomes of the result.</summary>
internal static class MatMulStatements
{
    public static void Write(StepContext context, MatMulStep step)
    {
        var matrix = context.Tensors[step.Matrix];
        var writer = context.Writer;
        writer.Line($"// {step.Name}: {SourceWriter.Grouped(matrix.Rows)} x {SourceWriter.Grouped(matrix.Columns)} {matrix.Layout}, {SourceWriter.Grouped(matrix.Length)} bytes.");
        writer.Line("epilogue = default;");
        if (step.Bias >= 0)
            writer.Line($"epilogue.Bias = {context.Vector(step.Bias)};");
        if (step.Activation != Activation.Silu)
            writer.Line($"epilogue.Activation = {(int)step.Activation}; // {step.Activation}");
        if (step.Softcap > 0)
            writer.Line($"epilogue.Softcap = {SourceWriter.Literal(step.Softcap)};");
        if (step.Epilogue == Epilogue.Logits)
            WriteLogits(context, step, matrix);
        else
            WriteOutput(context, step, matrix);
    }

    private static void WriteOutput(StepContext context, MatMulStep step, PackedTensor matrix)
    {
        var output = context.Plan.Buffers[step.Output];
        var start = step.OutputColumn == 0 ? context.Buffers[step.Output] : $"{context.Buffers[step.Output]} + {step.OutputColumn * sizeof(float)}";
        var width = step.Epilogue == Epilogue.Gate ? output.Width : matrix.Rows;
        context.Writer.Line($"epilogue.Output = {start};").Line($"epilogue.OutputStride = {output.RowBytes};").Line($"epilogue.OutputWidth = {width};");
        var epilogue = step.Epilogue switch
        {
            Epilogue.Store => "Store",
            Epilogue.Residual => "Residual",
            Epilogue.Activate => "Activate",
            _ => output.IsQuantized ? $"Gate{output.Format}" : "Gate",
        };
        if (StepAccesses.IsByToken(step, context.Tensors))
            WriteByToken(context, step, matrix, epilogue);
        else
            WriteProduct(context, step, matrix, epilogue);
    }

    /// <summary>Every worker multiplies the rows of his own tokens.</summary>
    private static void WriteByToken(StepContext context, MatMulStep step, PackedTensor matrix, string epilogue)
    {
        var input = context.Plan.Buffers[step.Input];
        using var scope = context.Writer.Block("if (first < last)");
        context.Writer
            .Line("nint tile = 0;")
            .Line($"nint end = {PackedLayouts.Tiles(matrix)};")
            .Line("nint count = last - first;")
            .Line($"epilogue.Output += first * {context.Plan.Buffers[step.Output].RowBytes};");
        if (HasMachineCode(context, matrix, input.Format))
            context.Writer.Line($"byte* readEnds = {context.Tensor(step.Matrix)} + {matrix.Length};").Line("byte* nextBegins = readEnds;");
        WriteKernels(
            context,
            new Product(matrix, input.Format, epilogue, step.TokenTile, context.Tensor(step.Matrix), $"{context.Buffers[step.Input]} + first * {input.RowBytes}", input.RowBytes, "count"));
    }

    /// <summary>Where every asker is greedy no logits are stored: each worker keeps the best of its rows.</summary>
    private static void WriteLogits(StepContext context, MatMulStep step, PackedTensor matrix)
    {
        var writer = context.Writer;
        writer.Line($"epilogue.OutputWidth = {matrix.Rows};");
        using (writer.Block("if (pass.Logits == null)"))
        {
            writer
                .Line("epilogue.Best = pass.Best + worker * tokens;")
                .Line("for (nint i = 0; i < tokens; i++)")
                .Line("    epilogue.Best[i].Index = -1;");
            WriteProduct(context, step, matrix, step.Softcap > 0 ? "CappedArgMax" : "ArgMax");
        }

        using (writer.Block("else"))
        {
            writer.Line("epilogue.Output = (byte*)pass.Logits;").Line("epilogue.OutputStride = pass.LogitStride * sizeof(float);");
            WriteProduct(context, step, matrix, step.Softcap > 0 ? "CappedStore" : "Store");
        }
    }

    /// <summary>The workers take tiles by portions; see <c>KernelForge.Runtime.Portions</c>.</summary>
    private static void WriteProduct(StepContext context, MatMulStep step, PackedTensor matrix, string epilogue)
    {
        var tiles = PackedLayouts.Tiles(matrix);

        // Interleaved tiles come in pairs: two make one block of 32 results, which one worker quantizes. For several tokens pairs share what is read of them.
        using var scope = context.Writer.Block();
        context.Writer
            .Line($"nint grain = {(matrix.Interleaved ? "2" : "tokens == 1 ? 1 : 2")};")
            .Line($"nint portions = ({tiles} + grain - 1) / grain;")
            .Line("pass.Team.Portions.Deal(worker, portions);");
        var hasMachineCode = HasMachineCode(context, matrix, context.Plan.Buffers[step.Input].Format);
        if (hasMachineCode)
        {
            context.Writer
                .Line("nint mineFirst = Share(portions, worker, workers);")
                .Line("nint mineLast = Share(portions, worker + 1, workers);")
                .Line($"byte* nextBegins = {NextProduct.Begin(context, step)};");
        }

        using var loop = context.Writer.Block("for (nint portion; (portion = pass.Team.Portions.Take(worker, portions)) >= 0;)");
        context.Writer.Line("nint tile = portion * grain;").Line($"nint end = tile + grain < {tiles} ? tile + grain : {tiles};");
        if (hasMachineCode)
        {
            // What was taken from another worker's share ends with itself; what is his own goes on to the end of his share.
            context.Writer.Line($"byte* readEnds = {context.Tensor(step.Matrix)} + (portion >= mineFirst && portion < mineLast ? mineLast * grain : end) * {matrix.Length / tiles};");
        }

        var input = context.Plan.Buffers[step.Input];
        WriteKernels(context, new Product(matrix, input.Format, epilogue, step.TokenTile, context.Tensor(step.Matrix), context.Buffers[step.Input], input.RowBytes, "tokens"));
    }

    /// <summary>Calls of the kernels that multiply rows <c>tile</c> to <c>end</c>, for one row and for several, with machine code or without.</summary>
    public static void WriteKernels(StepContext context, Product wanted)
    {
        var (matrix, format, epilogue) = (wanted.Matrix, wanted.Format, wanted.Epilogue);
        var count = wanted.Count;
        var depth = format == ActivationFormat.Float ? matrix.Columns : PackedLayouts.Units(matrix);
        var product = $"{wanted.Weights}, tile, end, {depth}";
        var rows = $"{wanted.Rows}, {wanted.RowBytes}, {count}, scratch, &epilogue";
        var choices = new List<(string Condition, string Call)>();
        if (HasMachineCode(context, matrix, format))
        {
            var values = PackedLayouts.BFloat16Offset(PackedLayouts.Units(matrix));
            choices.Add(($"pass.MachineCode != 0 && {count} == 1", $"{Machine("MatVec")}({product}, {wanted.Rows}, scratch, &epilogue, {Address(MachineFeature.Vnni512Vector)}, readEnds, nextBegins);"));
            if (MachineKernel.Exists(MachineFeature.Amx, matrix.Layout, format))
                choices.Add(($"pass.HasMatrixUnit && {count} > 8", $"{Machine("MatMul")}({product}, {rows}, {Address(MachineFeature.Amx)}, {values});"));
            choices.Add(("pass.MachineCode != 0", $"{Machine("MatMul")}({product}, {rows}, {Address(MachineFeature.Vnni512)}, 0);"));
        }

        choices.Add(($"{count} == 1", $"{Kernel(context, wanted, 1)}({product}, {rows});"));
        var keyword = "if";
        foreach (var (condition, call) in choices)
        {
            context.Writer.Line($"{keyword} ({condition})").Line("    " + call);
            keyword = "else if";
        }

        context.Writer.Line("else").Line($"    {Kernel(context, wanted, wanted.TokenTile)}({product}, {rows});");

        string Address(MachineFeature feature) => $"pass.MachineCode + {MachineCodeFile.ClassName}.{MachineKernel.NameOf(feature, matrix.Layout, format)}";
        string Machine(string kind)
        {
            var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = matrix.Layout.ToString(), ["activations"] = format.ToString() };
            return context.Specializer.Request($"{kind}Machine.Run", $"{matrix.Layout}Times{format}{kind}MachineThen{epilogue}", constants, epilogue + "Epilogue");
        }
    }

    /// <summary>Machine code is for quantized products on x86-64.</summary>
    public static bool HasMachineCode(StepContext context, PackedTensor matrix, ActivationFormat format) =>
        context.Specializer.Kind is not (SimdKind.AdvSimd or SimdKind.Portable) && MachineKernel.Exists(MachineFeature.Vnni512, matrix.Layout, format);

    private static string Kernel(StepContext context, Product wanted, int tokenTile)
    {
        var shape = tokenTile == 1 ? "Vector" : $"By{tokenTile}Tokens";
        var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = wanted.Matrix.Layout.ToString(), ["tokenTile"] = SourceWriter.Literal(tokenTile) };
        var isQuantized = wanted.Format != ActivationFormat.Float;
        if (isQuantized)
            constants["activations"] = wanted.Format.ToString();
        return context.Specializer.Request(
            isQuantized ? "MatMulInt.Run" : "MatMulFloat.Run", $"{wanted.Matrix.Layout}Times{wanted.Format}{shape}Then{wanted.Epilogue}", constants, wanted.Epilogue + "Epilogue");
    }
}

/// <summary>A product of some rows with a matrix.</summary>
/// <param name="Matrix">The matrix, or one of several experts.</param>
/// <param name="Format">How the rows are stored.</param>
/// <param name="Epilogue">Template class without its suffix.</param>
/// <param name="TokenTile">Rows that a kernel for several keeps in registers.</param>
/// <param name="Weights">Expression: where the matrix begins.</param>
/// <param name="Rows">Expression: the first row.</param>
/// <param name="RowBytes">From one row to the next.</param>
/// <param name="Count">Expression: how many rows.</param>
internal sealed record Product(
    PackedTensor Matrix, ActivationFormat Format, string Epilogue, int TokenTile, string Weights, string Rows, int RowBytes, string Count);
