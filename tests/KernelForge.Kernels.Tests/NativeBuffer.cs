using System.Runtime.InteropServices;

namespace KernelForge.Kernels.Tests;

/// <summary>Memory outside the heap, 64-byte aligned, with a guard on both sides that must be untouched at the end.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Guard = 256;
    private const byte GuardByte = 0xA5;
    private readonly byte* start;

    public NativeBuffer(long bytes, byte fill = 0)
    {
        Bytes = bytes;
        start = (byte*)NativeMemory.AlignedAlloc((nuint)(bytes + (2 * Guard)), 64);
        new Span<byte>(start, checked((int)(bytes + (2 * Guard)))).Fill(GuardByte);
        Span<byte>(0, checked((int)bytes)).Fill(fill);
    }

    public long Bytes { get; }

    public nint Address => (nint)(start + Guard);

    public static NativeBuffer Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var buffer = new NativeBuffer(values.Length * sizeof(T));
        values.CopyTo(buffer.Span<T>());
        return buffer;
    }

    public Span<T> Span<T>()
        where T : unmanaged => Span<T>(0, (int)(Bytes / sizeof(T)));

    public Span<T> Span<T>(long offset, int count)
        where T : unmanaged => new((byte*)Address + offset, count);

    public void Dispose()
    {
        var before = new Span<byte>(start, Guard).IndexOfAnyExcept(GuardByte);
        var after = new Span<byte>((byte*)Address + Bytes, Guard).IndexOfAnyExcept(GuardByte);
        NativeMemory.AlignedFree(start);
        before.ShouldBe(-1, "written before the buffer");
        after.ShouldBe(-1, "written behind the buffer");
    }
}
