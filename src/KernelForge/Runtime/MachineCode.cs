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

    /// <summary>Maps the code.</summary>
    /// <returns>Null where the processor lacks AVX-512 VNNI, or this is no Linux: the C# kernels serve there.</returns>
    /// <exception cref="IOException">The system gives no executable memory.</exception>
    public static MachineCode? Map(ReadOnlySpan<byte> code)
    {
        // Only what a test has run is used: other systems have other calling conventions and calls for executable memory.
        if (!OperatingSystem.IsLinux() || !ProcessorFeatures.HasVnni512)
            return null;
        var address = ExecutableMemory.Map(code);
        return new(address, code.Length, ProcessorFeatures.HasMatrixUnit);
    }

    /// <summary>Runs a kernel. It takes microseconds, less than a garbage collection can wait for.</summary>
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
