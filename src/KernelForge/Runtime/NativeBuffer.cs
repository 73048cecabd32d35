using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Zeroed native memory, aligned to cache lines. Pages that nobody touches take no memory.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nint Alignment = 64;

    private void* _block;

    public NativeBuffer(nint bytes)
    {
        Bytes = bytes;

        // Large zeroed blocks come from the system page by page, on first touch; an aligned allocation would have to be cleared, and thereby touched.
        _block = NativeMemory.AllocZeroed((nuint)(bytes + Alignment));
        Pointer = (byte*)(((nint)_block + Alignment - 1) & -Alignment);
    }

    ~NativeBuffer() => Free();

    public byte* Pointer { get; private set; }

    public nint Bytes { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_block);
        _block = null;
        Pointer = null;
    }
}
