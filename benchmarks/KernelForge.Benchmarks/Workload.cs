namespace KernelForge.Benchmarks;

/// <summary>What one call of a benchmark does: the parameter that its columns are computed from.</summary>
/// <param name="Name">Kernel and shape.</param>
/// <param name="Bytes">Bytes of weights or cache read.</param>
/// <param name="Operations">Multiplications and additions.</param>
/// <param name="BoundByMemory">Its roof is memory; otherwise it is the arithmetic of one core.</param>
public abstract record Workload(string Name, long Bytes, long Operations, bool BoundByMemory)
{
    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>A matrix of SmolLM2-135M.</summary>
/// <param name="Kernel">Its name in the model.</param>
/// <param name="Layout">Packed layout.</param>
/// <param name="UnitBytes">Bytes per 32 rows x 32 columns.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Tokens">Tokens it is multiplied with.</param>
/// <param name="Epilogue">What becomes of the result.</param>
/// <param name="Copies">Copies that are read in turn, so that the caches hold none.</param>
public sealed record MatrixWorkload(string Kernel, string Layout, int UnitBytes, int Rows, int Columns, int Tokens, string Epilogue, int Copies) : Workload(
    $"{Kernel} {Rows}x{Columns} {Layout}, {Tokens} tokens",
    (long)Copies * Rows / 32 * Columns / 32 * UnitBytes,
    2L * Copies * Rows * Columns * Tokens,
    BoundByMemory: Tokens == 1);

/// <summary>Attention over the cache of one layer of SmolLM2-135M.</summary>
/// <param name="Format">How the cache is stored.</param>
/// <param name="Queries">Rows with a query for each head.</param>
/// <param name="Positions">Positions in the cache, the queries' own included.</param>
public sealed record AttentionWorkload(string Format, int Queries, int Positions) : Workload(
    $"Attention {Format}, {Queries} queries over {Positions}",
    2L * KeyValueHeads * HeadSize * Positions * (Format == "F32" ? 4 : Format == "F16" ? 2 : 1),
    4L * Heads * HeadSize * Enumerable.Range(Positions - Queries + 1, Queries).Sum(seen => (long)seen),
    BoundByMemory: false)
{
    public const int Heads = 9;
    public const int KeyValueHeads = 3;
    public const int HeadSize = 64;
}
