using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>Pages of Linux that are written first and executed afterwards, never both.</summary>
internal static unsafe class ExecutableMemory
{
    public static nint Map(ReadOnlySpan<byte> code)
    {
        var address = MemoryPages.Map(code.Length);
        if (address == -1)
            throw Refused("mmap", code.Length);
        code.CopyTo(new Span<byte>((void*)address, code.Length));
        if (MemoryPages.Protect(address, code.Length, MemoryPages.ReadExecute) != 0)
        {
            var error = Refused("mprotect", code.Length);
            _ = MemoryPages.Unmap(address, code.Length);
            throw error;
        }

        return address;
    }

    public static void Unmap(nint address, nint length) => _ = MemoryPages.Unmap(address, length);

    private static IOException Refused(string call, int length) => new(
        $"The system gave no {length} bytes of executable memory ({call}: error {Marshal.GetLastPInvokeError()}). Load the model with ModelOptions.UseMachineCode = false: it runs without, only slower.");
}
