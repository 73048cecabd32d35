using KernelForge.Plans;

namespace KernelForge.Passes;

/// <summary>
/// Chooses how many tokens a matrix-matrix kernel keeps in registers beside 32 rows. With 32 vector registers, 6 tokens take 12 accumulators of
/// integer sums and 12 of floats; more would spill. Kernels for instruction sets with fewer registers take less.
/// </summary>
internal static class ChooseTiles
{
    private const int Tokens = 6;

    public static Plan Run(Plan plan) => plan with
    {
        Kinds = plan.Kinds.Select(kind => kind with
        {
            Steps = kind.Steps.Select(step => step switch
            {
                MatMulStep matmul => matmul with { TokenTile = Tokens },
                ExpertMatMulStep experts => experts with { TokenTile = Tokens },
                HeadMatMulStep heads => heads with { TokenTile = Tokens },
                _ => step,
            }).ToEquatableArray(),
        }).ToEquatableArray(),
    };
}
