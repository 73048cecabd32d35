using KernelForge.Generator.Emission;
using KernelForge.Plans;
using KernelForge.Runtime;
using Spectre.Console;

namespace KernelForge.Cli.Inspection;

/// <summary>How the model would be computed here: kernels, tiles, bytes per token, memory map.</summary>
internal static class PlanReport
{
    public static void Write(IAnsiConsole console, Plan plan, string hash)
    {
        var facts = new Table().AddColumns("plan", hash);
        facts.AddRow("instruction set here", InstructionSets.Selected.ToString());
        facts.AddRow("machine code here", MachineCode.Features ?? "none");
        facts.AddRow("activations", plan.Activations.ToString());
        facts.AddRow("packed weights", $"{PlanFacts.WeightBytes(plan):N0} bytes");
        facts.AddRow("read per token", $"{PlanFacts.BytesPerToken(plan):N0} bytes, {PlanFacts.OperationsPerToken(plan) / 2:N0} multiplications");
        facts.AddRow("workspace", $"{PlanFacts.WorkspaceBytesPerToken(plan):N0} bytes for each token of a chunk");
        facts.AddRow(
            plan.IsEncoder ? "keys and values" : "cache",
            $"{PlanPrinter.Describe(plan.Cache)}: {(plan.IsEncoder ? string.Empty : $"{CacheBytesPerToken(plan.Cache, CacheFormat.F16):N0} bytes a token in f16, ")}{CacheBytesPerToken(plan.Cache, CacheFormat.F32):N0} in f32");
        if (plan.Parts.Count > 0 && plan.Kept is { } kept)
            facts.AddRow("kept of what is read", $"{PlanPrinter.Describe(kept)}: {CacheBytesPerToken(kept, CacheFormat.F16):N0} bytes a token in f16, {CacheBytesPerToken(kept, CacheFormat.F32):N0} in f32");
        facts.AddRow("context", $"{plan.Context:N0} tokens");
        console.Write(facts);

        var kernels = new Table().AddColumns("kind", "calls", "kernel", "layout", "rows x columns", "tiles", "token tile", "bytes a call");
        for (var kind = 0; kind < plan.Kinds.Count; kind++)
        {
            var calls = plan.Calls.Count(call => call.Kind == kind);
            var block = PlanFacts.BlockOf(plan, kind);
            foreach (var step in plan.Kinds[kind].Steps.Where(step => step is not BarrierStep))
            {
                if (step is MatMulStep matmul)
                    AddMatMul(kernels, plan.Kinds[kind].Name, calls, matmul, block.Tensors[matmul.Matrix]);
                else
                    kernels.AddRow(Markup.Escape(plan.Kinds[kind].Name), $"{calls}", Markup.Escape(PlanPrinter.Describe(plan, step, block)), "", "", "", "", "");
            }
        }
        console.Write(kernels);

        var memory = new Table().AddColumns("memory map", "offset", "bytes");
        foreach (var block in plan.Blocks)
            memory.AddRow(Markup.Escape(block.Name), $"{block.Offset:N0}", $"{block.Length:N0}");
        console.Write(memory);
    }

    private static void AddMatMul(Table table, string kind, int calls, MatMulStep step, PackedTensor matrix) => table.AddRow(
        Markup.Escape(kind), $"{calls}", Markup.Escape($"{step.Name}: matmul, {step.Epilogue}"), matrix.Layout.ToString(), $"{matrix.Rows:N0} x {matrix.Columns:N0}",
        $"{PackedLayouts.Tiles(matrix):N0}", $"{step.TokenTile}", $"{matrix.Length:N0}");

    private static long CacheBytesPerToken(CacheShape cache, CacheFormat format) => CachePlaces.PageBytes(cache, format) / CachePages.Positions;
}
