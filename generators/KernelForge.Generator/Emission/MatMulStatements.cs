using KernelForge.Generator.MachineCode;
using KernelForge.Generator.Specialization;
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
        if (step.Epilogue == Epilogue.Logits)
            WriteLogits(context, step, matrix);
        else
            WriteOutput(context, step, matrix);
    }

    private static void WriteOutput(StepContext context, MatMulStep step, PackedTensor matrix)
    {
        var output = context.Plan.Buffers[step.Output];
        var start = step.OutputColumn == 0 ? context.Buffers[step.Output] : $"{context.Buffers[step.Output]} + {step.OutputColumn * sizeof(float)}";
        var width = step.Epilogue == Epilogue.SwiGlu ? output.Width : matrix.Rows;
        context.Writer.Line($"epilogue.Output = {start};").Line($"epilogue.OutputStride = {output.BytesPerToken};").Line($"epilogue.OutputWidth = {width};");
        var epilogue = step.Epilogue switch
        {
            Epilogue.Store => "Store",
            Epilogue.Residual => "Residual",
            _ => output.IsQuantized ? $"SwiGlu{output.Format}" : "SwiGlu",
        };
        WriteProduct(context, step, matrix, epilogue);
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
            WriteProduct(context, step, matrix, "ArgMax");
        }

        using (writer.Block("else"))
        {
            writer.Line("epilogue.Output = (byte*)pass.Logits;").Line("epilogue.OutputStride = pass.LogitStride * sizeof(float);");
            WriteProduct(context, step, matrix, "Store");
        }
    }

    private static void WriteProduct(StepContext context, MatMulStep step, PackedTensor matrix, string epilogue)
    {
        var one = Kernel(context, step, matrix, epilogue, 1);
        var many = Kernel(context, step, matrix, epilogue, step.TokenTile);
        var integer = context.Plan.Buffers[step.Input].IsQuantized;
        var depth = integer ? PackedLayouts.Units(matrix) : matrix.Columns;
        var tiles = PackedLayouts.Tiles(matrix);

        // Interleaved tiles come in pairs: two make one block of 32 results, which one worker quantizes.
        var (from, to) = matrix.Interleaved
            ? ($"2 * Share({tiles / 2}, worker, workers)", $"2 * Share({tiles / 2}, worker + 1, workers)")
            : ($"Share({tiles}, worker, workers)", $"Share({tiles}, worker + 1, workers)");
        var product = $"{context.Tensor(step.Matrix)}, {from}, {to}, {depth}";
        var rows = $"{context.Rows(step.Input)}, tokens, scratch, &epilogue";
        if (HasMachineCode(context, step, matrix))
        {
            var format = context.Plan.Buffers[step.Input].Format;
            using (context.Writer.Block("if (pass.MachineCode != 0)"))
            {
                var (vector, many16) = (Machine(context, matrix, format, epilogue, "MatVec"), Machine(context, matrix, format, epilogue, "MatMul"));
                context.Writer
                    .Line("if (tokens == 1)")
                    .Line($"    {vector}({product}, {context.Buffers[step.Input]}, scratch, &epilogue, {Address(MachineFeature.Vnni512Vector)});")
                    .Line("else")
                    .Line($"    {many16}({product}, {rows}, {Address(MachineFeature.Vnni512)}, {(MachineKernel.Exists(MachineFeature.Amx, matrix.Layout, format) ? $"pass.HasMatrixUnit ? {Address(MachineFeature.Amx)} : 0" : "0")});");
            }

            context.Writer.Line($"else if (tokens == 1)");
            string Address(MachineFeature feature) => $"pass.MachineCode + {MachineCodeFile.ClassName}.{MachineKernel.NameOf(feature, matrix.Layout, format)}";
        }
        else if (one != many)
        {
            context.Writer.Line("if (tokens == 1)");
        }

        if (one != many)
            context.Writer.Line($"    {one}({product}, {rows});").Line("else");
        context.Writer.Line($"{(one == many ? string.Empty : "    ")}{many}({product}, {rows});");
    }

    /// <summary>Machine code is for quantized products on x86-64.</summary>
    private static bool HasMachineCode(StepContext context, MatMulStep step, PackedTensor matrix) =>
        context.Specializer.Kind is not (SimdKind.AdvSimd or SimdKind.Portable)
        && MachineKernel.Exists(MachineFeature.Vnni512, matrix.Layout, context.Plan.Buffers[step.Input].Format);

    /// <summary>The kernel that calls machine code: <c>MatVec</c> for one token, <c>MatMul</c> for several.</summary>
    private static string Machine(StepContext context, PackedTensor matrix, ActivationFormat format, string epilogue, string product)
    {
        var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = matrix.Layout.ToString(), ["activations"] = format.ToString() };
        return context.Specializer.Request($"{product}Machine.Run", $"{matrix.Layout}Times{format}{product}MachineThen{epilogue}", constants, epilogue + "Epilogue");
    }

    private static string Kernel(StepContext context, MatMulStep step, PackedTensor matrix, string epilogue, int tokenTile)
    {
        var input = context.Plan.Buffers[step.Input];
        var shape = tokenTile == 1 ? "Vector" : $"{tokenTile}Tokens";
        var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = matrix.Layout.ToString(), ["tokenTile"] = SourceWriter.Literal(tokenTile) };
        if (input.IsQuantized)
            constants["activations"] = input.Format.ToString();
        return context.Specializer.Request(
            input.IsQuantized ? "MatMulInt.Run" : "MatMulFloat.Run", $"{matrix.Layout}Times{input.Format}{shape}Then{epilogue}", constants, epilogue + "Epilogue");
    }
}
