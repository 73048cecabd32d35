using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>
/// What a machine-code kernel is called with: packed tiles of 32 rows times some tokens over some columns. The offsets are part of the generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe struct MachineTile
{
    /// <summary>The first tile, at the first unit.</summary>
    public byte* Weights;

    /// <summary>Bytes from one tile to the next.</summary>
    public nint TileBytes;

    /// <summary>Tiles of 32 rows, one or two.</summary>
    public nint Tiles;

    /// <summary>Units of 32 columns, at least one.</summary>
    public nint Units;

    /// <summary>Codes of the first token, for the matrix unit its values in bfloat16, at the first unit.</summary>
    public byte* Codes;

    /// <summary>Scales of the first token, at the first unit.</summary>
    public byte* Scales;

    /// <summary>Where layouts have minima the scaled sums, otherwise the sums, of the first token at the first unit.</summary>
    public byte* Sums;

    /// <summary>Bytes from one token's row to the next.</summary>
    public nint Stride;

    /// <summary>Tokens, at least one. The matrix unit reads and computes whole sixteens of them.</summary>
    public nint Tokens;

    /// <summary>[tokens, 64] results, of which the kernel writes 32 a token and tile.</summary>
    public float* Results;

    /// <summary>0: these are the first columns; otherwise goes on from the results.</summary>
    public nint Started;

    /// <summary>One token: where this worker's part of the matrix ends.</summary>
    public byte* End;

    /// <summary>What is read next, and so fetched ahead: of one token after <see cref="End"/>, of several by the next call's first tile.</summary>
    public byte* Next;

    /// <summary>Several tokens: room for the unpacked tiles and for products; 64-byte aligned.</summary>
    public byte* Scratch;
}
