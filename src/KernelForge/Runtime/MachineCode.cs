using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace KernelForge.Runtime;

/// <summary>Machine code of a generated class in memory that is read and executed, never written again.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class MachineCode : IDisposable
{
    private readonly nint _length;

    private MachineCode(nint address, nint length, bool hasMatrixUnit)
    {
        Address = address;
        _length = length;
        HasMatrixUnit = hasMatrixUnit;
    }

    /// <summary>Unmaps code that nobody disposed of.</summary>
    ~MachineCode() => Free();

    /// <summary>Where the first byte is; 0 after <see cref="Dispose"/>.</summary>
    public nint Address { get; private set; }

    /// <summary>Whether kernels of the matrix unit (AMX) may run too.</summary>
    public bool HasMatrixUnit { get; }

    /// <summary>What machine code may use here, in words; null where none runs.</summary>
    public static string? Features =>
        !ProcessorFeatures.HasVnni512 ? null : ProcessorFeatures.HasMatrixUnit ? "512-bit VNNI and AMX" : "512-bit VNNI";

    /// <summary>Maps the code.</summary>
    /// <returns>Null where the processor lacks AVX-512 VNNI, or this is no Linux: the C# kernels serve there.</returns>
    /// <exception cref="IOException">The system gives no executable memory. Nothing falls back in silence: the message names the option that leaves machine code out.</exception>
    public static MachineCode? Map(ReadOnlySpan<byte> code)
    {
        // Features are known on Linux only: other systems have other calling conventions, and no test has run the code there.
        if (!ProcessorFeatures.HasVnni512)
            return null;
        var address = ExecutableMemory.Map(code);
        return new(address, code.Length, ProcessorFeatures.HasMatrixUnit);
    }

    /// <summary>
    /// Runs a kernel. A garbage collection waits for its end: microseconds, and the reading of at most 140 KB where weights are not in memory yet.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(nint kernel, MachineTile* tile) => ((delegate* unmanaged[SuppressGCTransition]<MachineTile*, void>)kernel)(tile);

    /// <summary>Unmaps the code; nothing may run it any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Address != 0)
            ExecutableMemory.Unmap(Address, _length);
        Address = 0;
    }
}
