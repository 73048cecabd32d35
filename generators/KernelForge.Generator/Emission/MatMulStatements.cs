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
        string Call(string kernel) => $"{kernel}({context.Tensor(step.Matrix)}, {from}, {to}, {depth}, {context.Rows(step.Input)}, tokens, scratch, &epilogue);";
        if (one == many)
        {
            context.Writer.Line(Call(one));
            return;
        }

        context.Writer.Line("if (tokens == 1)").Line("    " + Call(one));
        if (Machine(context, step, matrix, epilogue) is { } machine)
            context.Writer.Line("else if (pass.MachineCode != 0)").Line("    " + Call(machine.Kernel).Replace("&epilogue)", $"&epilogue, {machine.Code})"));
        context.Writer.Line("else").Line("    " + Call(many));
    }

    /// <summary>The kernel that calls machine code, and where that code is; null where there is none for these formats or this instruction set.</summary>
    private static (string Kernel, string Code)? Machine(StepContext context, MatMulStep step, PackedTensor matrix, string epilogue)
    {
        var format = context.Plan.Buffers[step.Input].Format;
        if (!MachineKernel.Exists(MachineFeature.Vnni512, matrix.Layout, format) || context.Specializer.Kind is SimdKind.AdvSimd or SimdKind.Portable)
            return null;
        string Address(MachineFeature feature) => $"pass.MachineCode + {MachineCodeFile.ClassName}.{MachineKernel.NameOf(feature, matrix.Layout, format)}";
        var constants = new Dictionary<string, string>(StringComparer.Ordinal) { ["layout"] = matrix.Layout.ToString(), ["activations"] = format.ToString() };
        var kernel = context.Specializer.Request("MatMulMachine.Run", $"{matrix.Layout}Times{format}MachineThen{epilogue}", constants, epilogue + "Epilogue");
        var matrixCode = MachineKernel.Exists(MachineFeature.Amx, matrix.Layout, format) ? $"pass.HasMatrixUnit ? {Address(MachineFeature.Amx)} : 0" : "0";
        return (kernel, $"{Address(MachineFeature.Vnni512)}, {matrixCode}");
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
