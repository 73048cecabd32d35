using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// How workers share the attention of one token whose key-value heads they cannot share evenly: by blocks of positions. Who begins a head merges its blocks as they come; of
/// the blocks after those each stays apart until all are done, and then he merges them in ascending order, so that the result does not depend on the number of workers.
/// </summary>
[KernelTemplate]
public static unsafe class AttentionSplit
{
    /// <summary>Fewest blocks of a head: for less, waiting for the others takes longer than what they help.</summary>
    public const int FewestBlocks = 16;

    /// <summary>Whether heads are divided: one token of one sequence, far enough from its start, and heads that leave somebody idle.</summary>
    /// <param name="sequences">The sequences of the pass.</param>
    /// <param name="sequenceCount">Their number.</param>
    /// <param name="keyValueHeads">Key-value heads.</param>
    /// <param name="window">See <see cref="Attention.Run"/>.</param>
    /// <param name="ahead">See <see cref="Attention.Run"/>.</param>
    /// <param name="chunk">See <see cref="Attention.Run"/>.</param>
    /// <param name="workers">Number of workers.</param>
    public static bool Holds(SequenceSlice* sequences, nint sequenceCount, nint keyValueHeads, nint window, nint ahead, nint chunk, nint workers) =>
        sequenceCount == 1 && sequences->Rows == 1 && keyValueHeads % workers != 0 && Blocks(sequences, window, ahead, chunk) >= FewestBlocks;

    /// <summary>Blocks that the one token sees.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="window">See <see cref="Attention.Run"/>.</param>
    /// <param name="ahead">See <see cref="Attention.Run"/>.</param>
    /// <param name="chunk">See <see cref="Attention.Run"/>.</param>
    public static nint Blocks(SequenceSlice* sequence, nint window, nint ahead, nint chunk) =>
        AttentionTile.EndBlock(sequence->Position, ahead, sequence->Position + 1) - AttentionTile.FirstBlock(sequence->Position, window, chunk);

    /// <summary>Where a worker's share of the blocks of all heads begins; that of the next is where it ends.</summary>
    public static nint Share(nint blocks, nint worker, nint workers) => blocks * worker / workers;

    /// <summary>Merges what others have made of the head that this worker began last, and writes it.</summary>
    /// <param name="headSize">Values of a head.</param>
    /// <param name="activations">How the result is stored.</param>
    /// <param name="sequence">The sequence of the pass.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key-value heads.</param>
    /// <param name="window">See <see cref="Attention.Run"/>.</param>
    /// <param name="ahead">See <see cref="Attention.Run"/>.</param>
    /// <param name="chunk">See <see cref="Attention.Run"/>.</param>
    /// <param name="y">Result rows.</param>
    /// <param name="yStride">Bytes from one row to the next.</param>
    /// <param name="scratch">Scratch of this worker; those of the next workers follow.</param>
    /// <param name="scratchBytes">Bytes from one worker's scratch to the next.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="workers">Number of workers.</param>
    public static void Join(
        [Constant] int headSize,
        [Constant] ActivationLayout activations,
        SequenceSlice* sequence,
        nint heads,
        nint keyValueHeads,
        nint window,
        nint ahead,
        nint chunk,
        byte* y,
        nint yStride,
        byte* scratch,
        nint scratchBytes,
        nint worker,
        nint workers)
    {
        var padded = CachedHead.PaddedSize(headSize);
        var group = heads / keyValueHeads;
        var blocks = Blocks(sequence, window, ahead, chunk);
        var all = keyValueHeads * blocks;
        var head = Share(all, worker + 1, workers) / blocks;
        var start = head * blocks;
        var next = Share(all, worker + 1, workers);
        if (start == next || start < Share(all, worker, workers))
            return;
        var result = Attention.Result(headSize, scratch);
        var states = Attention.States(headSize, scratch);
        for (var other = worker + 1; next < start + blocks; other++)
        {
            var apart = (float*)(scratch + ((other - worker) * scratchBytes) + KernelScratch.Bytes);
            var end = Share(all, other + 1, workers);
            for (; next < end && next < start + blocks; next++)
            {
                for (nint row = 0; row < group; row++)
                    Softmax.Join(padded, apart + (row * padded), apart + (group * padded) + (row * Softmax.StateLength), states + (row * Softmax.StateLength), result + (row * padded));
                apart += group * (padded + Softmax.StateLength);
            }
        }

        Attention.WriteRows(headSize, activations, sequence, head * group, group, heads, 0, group, y, yStride, scratch);
    }
}
