using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>What one forward pass works on. Generated code reads it on every worker; the run time fills it before the workers start.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class ForwardPass
{
    /// <summary>0: the model itself; otherwise one more than the index of one of its parts, which runs alone.</summary>
    public int Part;

    /// <summary>Start of the weight section of the packed file.</summary>
    public byte* Weights;

    /// <summary>Rotary tables, [context, pairs, 2] each.</summary>
    public float** Rotaries;

    /// <summary>Activation buffers: buffer b starts at Workspace + Capacity * OffsetPerToken(b). 64-byte aligned.</summary>
    public byte* Workspace;

    /// <summary>Rows the workspace has room for.</summary>
    public nint Capacity;

    /// <summary>Rows (tokens) of this pass, at most <see cref="Capacity"/>.</summary>
    public nint Tokens;

    /// <summary>[tokens] token ids.</summary>
    public int* TokenIds;

    /// <summary>[tokens] position of each row in its own sequence.</summary>
    public int* Positions;

    /// <summary>[tokens] type of each row's token, where an encoder knows types.</summary>
    public int* TokenTypes;

    /// <summary>The sequences that share this pass; their rows are consecutive.</summary>
    public SequenceSlice* Sequences;

    /// <summary>For each of <see cref="Sequences"/> where keys and values of its rows are kept for other rows.</summary>
    public SequenceSlice* Keeping;

    /// <summary>
    /// For each of <see cref="Sequences"/> the rows that ask what is kept for it, and the pages of that; its position is such that the last row stands at the last kept one, so
    /// that with what is ahead they see it all.
    /// </summary>
    public SequenceSlice* Kept;

    /// <summary>Whether there is anything in <see cref="Kept"/>, for all sequences; layers that ask only that are passed over where there is not.</summary>
    public bool HasKept;

    /// <summary>[tokens, width] the rows that a caller gives, where the model reads no tokens.</summary>
    public float* Given;

    /// <summary>Number of <see cref="Sequences"/>.</summary>
    public nint SequenceCount;

    /// <summary>[LogitCount] rows whose logits are asked for, ascending; of an encoder the first row of each text, where a pooled value is.</summary>
    public int* LogitRows;

    /// <summary>Number of rows whose logits are asked for; may be zero (then the head does not run).</summary>
    public nint LogitCount;

    /// <summary>[LogitCount, LogitStride] logits, or null when only the arg-max is asked for.</summary>
    public float* Logits;

    /// <summary>Floats from one row of logits to the next: the vocabulary padded to a multiple of 32.</summary>
    public nint LogitStride;

    /// <summary>[workers, LogitCount] best logit of each worker's share, when <see cref="Logits"/> is null.</summary>
    public ArgMax* Best;

    /// <summary>Of each output of an encoder [rows, width] float32 for what it gives, or null where nobody asks for it.</summary>
    public byte** Outputs;

    /// <summary>How the cache of the sequences is stored: 0 f16, 1 int8, 2 f32.</summary>
    public int CacheFormat;

    /// <summary>Workers that run this pass, each with its own index.</summary>
    public int Workers;

    /// <summary>Scratch of <see cref="ScratchBytes"/> for each worker: Scratch + worker * ScratchBytes. 64-byte aligned.</summary>
    public byte* Scratch;

    /// <summary>Bytes of scratch for one worker.</summary>
    public nint ScratchBytes;

    /// <summary>Where the machine code of the model begins; 0 where none runs.</summary>
    public nint MachineCode;

    /// <summary>Whether kernels of the matrix unit may run too.</summary>
    public bool HasMatrixUnit;

    /// <summary>What timed code tells how long its steps take; null where nobody asks.</summary>
    public StepClock? Clock;

    /// <summary>[layers, the most experts of a layer] how many tokens each was chosen for, or null: nobody counts.</summary>
    public long* ExpertCounts;
    /// <summary>Looks at what each layer leaves; null in every pass but those that look for the cause of logits that are no numbers.</summary>
    public LayerWatch? Watch;

    /// <summary>The team whose barrier separates steps.</summary>
    public ThreadTeam Team = null!;
}

/// <summary>Rows of one sequence in a pass.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe struct SequenceSlice
{
    /// <summary>First row in the pass: that after the last of the sequence before.</summary>
    public nint FirstRow;

    /// <summary>Number of rows.</summary>
    public nint Rows;

    /// <summary>Position of the first row in the sequence.</summary>
    public nint Position;

    /// <summary>Cache pages of the sequence; page i holds positions 64 i to 64 i + 63 of all layers (docs/cache.md).</summary>
    public byte** Pages;
}

/// <summary>A logit and its index.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ArgMax
{
    /// <summary>The logit.</summary>
    public float Value;

    /// <summary>The token id.</summary>
    public int Index;
}
