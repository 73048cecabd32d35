using System.Runtime.InteropServices;
using KernelForge.Cache;

namespace KernelForge.Runtime;

/// <summary>Zeroed native memory, aligned to cache lines. Pages that nobody touches take no memory.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nint Alignment = 64;

    private readonly MemoryBudget? _budget;
    private void* _block;

    /// <param name="bytes">How many.</param>
    /// <param name="budget">What they are taken from; null: they are counted nowhere.</param>
    /// <exception cref="SessionMemoryException">The budget has not so many.</exception>
    public NativeBuffer(nint bytes, MemoryBudget? budget = null)
    {
        Bytes = bytes;
        budget?.Take(Size(bytes));

        // Large zeroed blocks come from the system page by page, on first touch; an aligned allocation would have to be cleared, and thereby touched.
        try
        {
            _block = NativeMemory.AllocZeroed((nuint)(bytes + Alignment));
        }
        catch (OutOfMemoryException)
        {
            budget?.Release(Size(bytes));
            throw;
        }
        _budget = budget;
        Pointer = (byte*)(((nint)_block + Alignment - 1) & -Alignment);
    }

    ~NativeBuffer() => Free();

    public byte* Pointer { get; private set; }

    public nint Bytes { get; }

    /// <summary>Bytes that a buffer of <paramref name="bytes"/> takes.</summary>
    public static long Size(nint bytes) => bytes + Alignment;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_block is null)
            return;
        NativeMemory.Free(_block);
        _budget?.Release(Size(Bytes));
        _block = null;
        Pointer = null;
    }
}
