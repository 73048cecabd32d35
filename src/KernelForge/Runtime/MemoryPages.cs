using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Linux's own calls for pages of memory.</summary>
internal static partial class MemoryPages
{
    public const int NoAccess = 0;
    public const int ReadWrite = 3;
    public const int ReadExecute = 5;

    private const int PrivateAnonymous = 0x22;

    /// <summary>Zeroed pages that may be read and written; -1 where the system gives none.</summary>
    public static nint Map(nint length) => Map(0, length, ReadWrite, PrivateAnonymous, -1, 0);

    /// <summary>0 where it succeeds.</summary>
    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    public static partial int Protect(nint address, nint length, int protection);

    /// <summary>0 where it succeeds.</summary>
    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nint length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);
}
