using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// The hole that a template leaves for what happens to its results. Specialising puts the <c>Apply</c> of an epilogue template there
/// (<c>ResidualEpilogue</c>, ...), which must have the parameters of the <c>Apply</c> that the template calls.
/// </summary>
public static unsafe partial class Epilogue
{
    /// <summary>An epilogue that the templates run with as they stand.</summary>
    public delegate void Matrix(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue);

    /// <summary>What fills the hole as the templates stand; for their tests.</summary>
    [field: ThreadStatic]
    public static Matrix? Current { get; set; }

    /// <summary>Takes the sums of one or two tiles of rows for some tokens.</summary>
    /// <param name="sums">[tokens, <see cref="MatMulInt.SumStride"/>] sums.</param>
    /// <param name="firstRow">Row of the matrix that sums[0] belongs to; a multiple of 64 from the first tile of the call.</param>
    /// <param name="rows">32 or 64.</param>
    /// <param name="firstToken">Token that sums[0] belongs to.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="epilogue">What the epilogue needs.</param>
    public static void Apply(float* sums, nint firstRow, nint rows, nint firstToken, nint tokens, EpilogueArguments* epilogue) =>
        (Current ?? StoreEpilogue.Apply)(sums, firstRow, rows, firstToken, tokens, epilogue);
}
