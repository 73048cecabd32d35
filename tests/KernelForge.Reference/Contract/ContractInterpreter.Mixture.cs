using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Contract;

/// <content>Experts.</content>
public sealed partial class ContractInterpreter
{
    /// <summary>A row for each expert of each token; rows go by token.</summary>
    private void Gather(Pass pass, GatherStep step)
    {
        if (!step.IsWeighted)
        {
            pass.Repeat(step.Output, step.Input, Plan.Buffers[step.Output].Rows);
            return;
        }

        var inputs = pass.Floats(step.Input);
        pass.Write(step.Output, [.. pass.Routings[step.Routing].SelectMany((choices, token) => choices.Select(choice => Array.ConvertAll(inputs[token], x => x * choice.Weight)))]);
    }

    /// <summary>Row by row with the matrix of its own expert; rows go by token.</summary>
    private void MultiplyExperts(Pass pass, int block, ExpertMatMulStep step)
    {
        var routing = pass.Routings[step.Routing].SelectMany(token => token).ToArray();
        var width = Plan.Buffers[step.Output].Width;
        var results = new float[routing.Length][];
        foreach (var expert in routing.Select(choice => choice.Expert).Distinct())
        {
            var rows = Enumerable.Range(0, routing.Length).Where(row => routing[row].Expert == expert).ToArray();
            var products = Products(
                pass, weights.Matrix(block, step.Matrix, expert), step.Bias < 0 ? null : weights.Vector(block, step.Bias, expert), step.Input, rows);
            for (var i = 0; i < rows.Length; i++)
                results[rows[i]] = step.Epilogue == Epilogue.Gate ? Gate(step.Activation, products[i], width, step.Clamp) : products[i][..width];
        }

        pass.Write(step.Output, results);
    }

    private void Combine(Pass pass, CombineStep step)
    {
        var rows = pass.Floats(step.Input);
        var routing = pass.Routings[step.Routing];
        pass.Write(step.Output, [.. routing.Select((choices, token) =>
        {
            var sum = new float[Plan.Buffers[step.Output].Width];
            for (var slot = 0; slot < choices.Length; slot++)
            {
                for (var i = 0; i < sum.Length; i++)
                    sum[i] = MathF.FusedMultiplyAdd(step.IsWeighted ? choices[slot].Weight : 1f, rows[(token * choices.Length) + slot][i], sum[i]);
            }

            return sum;
        })]);
    }
}
