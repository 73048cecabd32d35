using KernelForge.Runtime;

namespace KernelForge.Cache;

/// <summary>What a session takes of native memory, exactly.</summary>
internal static class SessionBytes
{
    /// <summary>Bytes of an empty session: its token ids and its table of pages, for all that it may hold.</summary>
    public static long Empty(int capacity) => NativeBuffer.Size((nint)capacity * sizeof(int)) + SequenceCache.TableBytes(capacity);

    /// <summary>Bytes of the cache pages that so many tokens fill.</summary>
    public static long Pages(nint pageBytes, int tokens) => SequenceCache.PagesFor(tokens) * (long)PagePool.BlockBytes(pageBytes);

    /// <summary>Bytes of the logits, once all of them were asked for.</summary>
    public static long Logits(int vocabulary) => NativeBuffer.Size(PassRunner.LogitStride(vocabulary) * sizeof(float));
}
