using System.Runtime.CompilerServices;
using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>The rows of a pass: those of its sequences, one after another.</summary>
[KernelTemplate]
public static unsafe class SequenceRows
{
    /// <summary>The sequence that a row belongs to.</summary>
    /// <param name="sequence">That of an earlier row.</param>
    /// <param name="row">The row; one of the pass.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SequenceSlice* Of(SequenceSlice* sequence, nint row)
    {
        while (row >= sequence->FirstRow + sequence->Rows)
            sequence++;
        return sequence;
    }
}
