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
        ["float activations"] = MatMulChecks.FloatActivations,
        ["residual"] = MatMulChecks.Residual,
        ["SwiGLU"] = MatMulChecks.SwiGlu,
        ["arg-max"] = MatMulChecks.Greedy,
        ["embedding"] = MatMulChecks.Gather,
        ["norm"] = RowChecks.Norm,
        ["quantization"] = RowChecks.Quantize,
        ["attention"] = AttentionChecks.Run,
    };
}
