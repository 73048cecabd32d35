using System.Runtime.InteropServices;

namespace KernelForge.Kernels.Tests;

/// <summary>Zeroed memory that ends where a page begins that nobody may touch: to read or write beyond it ends the process.</summary>
internal sealed unsafe partial class GuardedPages : IDisposable
{
    private const int PageBytes = 4096;
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint start;
    private readonly nint length;

    public GuardedPages(nint bytes)
    {
        var readable = (bytes + (PageBytes - 1)) / PageBytes * PageBytes;
        length = readable + PageBytes;
        start = Map(0, length, ReadWrite, PrivateAnonymous, -1, 0);
        start.ShouldNotBe(-1);
        Protect(start + readable, PageBytes, NoAccess).ShouldBe(0);
        Address = (byte*)start + (readable - bytes);
    }

    public byte* Address { get; }

    public void Dispose() => Unmap(start, length).ShouldBe(0);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
