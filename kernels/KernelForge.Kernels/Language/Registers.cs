namespace KernelForge.Kernels;

/// <summary>
/// Values that a specialised kernel keeps in registers: <c>var acc = new Registers&lt;FloatVector&gt;(n)</c> becomes the locals acc0 to acc(n-1).
/// As it stands, in the tests of the templates, it is an array.
/// </summary>
/// <typeparam name="T">A vector or a number.</typeparam>
/// <param name="count">How many; a constant expression.</param>
public readonly struct Registers<T>(int count)
    where T : unmanaged
{
    private readonly T[] values = new T[count];

    /// <summary>One of them.</summary>
    /// <param name="index">A constant expression.</param>
    public ref T this[int index] => ref values[index];
}
