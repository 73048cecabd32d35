using System.Runtime.InteropServices;

namespace KernelForge.Benchmarks;

/// <summary>Buffers of a benchmark, filled with small positive numbers: bytes, and halves or floats that are finite.</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private readonly List<nint> buffers = [];

    public byte* Allocate(long bytes, byte fill = 0x11)
    {
        var buffer = NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        NativeMemory.Fill(buffer, (nuint)bytes, fill);
        buffers.Add((nint)buffer);
        return (byte*)buffer;
    }

    public void Dispose()
    {
        foreach (var buffer in buffers)
        {
            NativeMemory.AlignedFree((void*)buffer);
        }
        buffers.Clear();
    }
}
