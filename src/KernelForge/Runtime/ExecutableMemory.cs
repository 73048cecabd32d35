using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Pages of Linux that are written first and executed afterwards, never both.</summary>
internal static unsafe partial class ExecutableMemory
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;

    public static nint Map(ReadOnlySpan<byte> code)
    {
        var address = MemoryMap(0, code.Length, ReadWrite, PrivateAnonymous, -1, 0);
        if (address == -1)
            throw Refused("mmap", code.Length);
        code.CopyTo(new Span<byte>((void*)address, code.Length));
        if (Protect(address, code.Length, ReadExecute) != 0)
        {
            var error = Refused("mprotect", code.Length);
            _ = MemoryUnmap(address, code.Length);
            throw error;
        }

        return address;
    }

    public static void Unmap(nint address, nint length) => _ = MemoryUnmap(address, length);

    private static IOException Refused(string call, int length) => new(
        $"The system gave no {length} bytes of executable memory ({call}: error {Marshal.GetLastPInvokeError()}). Load the model with ModelOptions.UseMachineCode = false: it runs without, only slower.");

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MemoryMap(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int MemoryUnmap(nint address, nint length);
}
