using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>
/// What a machine-code kernel is called with: groups of 16 rows of a matrix, unpacked, times some tokens over some columns. The offsets are part of the
/// generated code. The kernel for one token takes packed tiles of 32 rows for groups, and the bytes between tiles for the stride.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe struct MachineTile
{
    /// <summary>Unpacked units of each group: codes, scales, minima.</summary>
    public byte* Weights;

    /// <summary>Units of 32 columns, at least one.</summary>
    public nint Units;

    /// <summary>Codes of the first token, at the first unit.</summary>
    public byte* Codes;

    /// <summary>Scales of the first token, at the first unit.</summary>
    public byte* Scales;

    /// <summary>Where layouts have minima the scaled sums, otherwise the sums, of the first token at the first unit.</summary>
    public byte* Sums;

    /// <summary>Bytes from one token's row to the next.</summary>
    public nint Stride;

    /// <summary>Tokens, at least one.</summary>
    public nint Tokens;

    /// <summary>[tokens, 64] results, of which the kernel writes 16 a token and group.</summary>
    public float* Results;

    /// <summary>Groups of 16 rows, one to four.</summary>
    public nint Groups;

    /// <summary>0: these are the first columns; otherwise goes on from the results.</summary>
    public nint Started;

    /// <summary>One token: where this worker's part of the matrix ends.</summary>
    public byte* End;

    /// <summary>One token: what this worker reads after <see cref="End"/>, and so fetches ahead.</summary>
    public byte* Next;

    /// <summary>2 KB for what a matrix unit computes, then 64 zeros; 64-byte aligned.</summary>
    public byte* Scratch;
}
