namespace KernelForge.Kernels.Tests;

/// <summary>
/// Memory outside the heap, 64-byte aligned, with guards that must be untouched at the end. Behind the line of 64 bytes in which it ends nobody may
/// read either: on one processor such a read finds something, on another it ends the process.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Line = 64;
    private const int Before = 256;
    private const byte GuardByte = 0xA5;
    private readonly GuardedPages pages;
    private readonly int length;

    public NativeBuffer(long bytes, byte fill = 0)
    {
        Bytes = bytes;
        length = checked((int)(Before + ((bytes + (Line - 1)) / Line * Line)));
        pages = new GuardedPages(length);
        All.Fill(GuardByte);
        Span<byte>().Fill(fill);
    }

    public long Bytes { get; }

    public nint Address => (nint)pages.Address + Before;

    private Span<byte> All => new(pages.Address, length);

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
        var before = All[..Before].IndexOfAnyExcept(GuardByte);
        var after = All[(Before + (int)Bytes)..].IndexOfAnyExcept(GuardByte);
        pages.Dispose();
        before.ShouldBe(-1, "written before the buffer");
        after.ShouldBe(-1, "written behind the buffer");
    }
}
