using System.Runtime.InteropServices;

namespace KernelForge.Runtime;

/// <summary>
/// The stack on which a thread's signal handlers run. Once a thread has used the matrix unit, the system saves 8 KB of its registers with every signal, and
/// the run time's 16 KB no longer hold what it does to turn a fault into a NullReferenceException: the process would end where the caller catches it.
/// </summary>
internal static unsafe partial class SignalStack
{
    private const int Bytes = 1 << 18;
    private const int PageBytes = 4096;
    private const int Disabled = 2;

    [ThreadStatic]
    private static bool _isLarge;

    /// <summary>Gives this thread a larger one, once. The run time unmaps it with the thread, as it would its own.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no memory.</exception>
    public static void Enlarge()
    {
        if (_isLarge)
            return;
        _isLarge = true;
        if (SetStack(null, out var old) != 0 || (old.Flags & Disabled) != 0 || old.Bytes >= Bytes)
            return;
        var start = MemoryPages.Map(Bytes);
        if (start == -1)
            throw new OutOfMemoryException($"The system gave no {Bytes} bytes for the signal stack of a thread.");

        // The lowest page is a guard, like that of the run time's own stack.
        var stack = new Stack { Start = start, Bytes = Bytes };
        if (MemoryPages.Protect(start, PageBytes, MemoryPages.NoAccess) == 0 && SetStack(&stack, out old) == 0)
            _ = MemoryPages.Unmap(old.Start, old.Bytes);
        else
            _ = MemoryPages.Unmap(start, Bytes);
    }

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int SetStack(Stack* stack, out Stack old);

    /// <summary><c>stack_t</c> of Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Stack
    {
        public nint Start;
        public int Flags;
        public nint Bytes;
    }
}
