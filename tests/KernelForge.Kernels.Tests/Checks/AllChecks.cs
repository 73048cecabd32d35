namespace KernelForge.Kernels.Tests.Checks;

/// <summary>What every instruction set must pass.</summary>
internal static class AllChecks
{
    public static IReadOnlyDictionary<string, Action<KernelSet>> ByName { get; } = new Dictionary<string, Action<KernelSet>>(StringComparer.Ordinal)
    {
        ["arithmetic"] = SimdChecks.Arithmetic,
        ["integers"] = SimdChecks.Integers,
        ["conversions"] = SimdChecks.Conversions,
        ["memory"] = SimdChecks.Memory,
        ["products of codes"] = SimdChecks.Products,
        ["quantized weights"] = MatMulChecks.QuantizedWeights,
        ["extreme codes"] = MatMulChecks.ExtremeCodes,
        ["float activations"] = MatMulChecks.FloatActivations,
        ["residual"] = MatMulChecks.Residual,
        ["gated units"] = MatMulChecks.Gates,
        ["clamped units"] = MatMulChecks.ClampedGates,
        ["activations"] = MatMulChecks.Activated,
        ["arg-max"] = MatMulChecks.Greedy,
        ["arg-max of no numbers"] = MatMulChecks.GreedyOfNoNumbers,
        ["embedding"] = MatMulChecks.Gather,
        ["norm"] = RowChecks.Norm,
        ["norm of heads"] = RowChecks.NormOfHeads,
        ["sum of rows"] = RowChecks.Add,
        ["windows of rows"] = RowChecks.Windows,
        ["bound"] = RowChecks.Cap,
        ["quantization"] = RowChecks.Quantize,
        ["routing"] = MixtureChecks.Route,
        ["sum of experts"] = MixtureChecks.Sum,
        ["weighted rows"] = MixtureChecks.Weigh,
        ["gated rows"] = MixtureChecks.Gate,
        ["attention"] = AttentionChecks.Run,
        ["attention over latents"] = LatentChecks.Attend,
        ["short convolution"] = LatentChecks.Convolve,
    };
}
