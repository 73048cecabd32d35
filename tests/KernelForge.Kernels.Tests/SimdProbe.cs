namespace KernelForge.Kernels.Tests;

/// <summary>Calls the members of an instruction-set class; vectors travel boxed, since their width is not known here.</summary>
internal sealed class SimdProbe(Type simd) : IDisposable
{
    private readonly NativeBuffer memory = new(64 * 4);

    public int Width { get; } = (int)simd.GetField("Width")!.GetRawConstantValue()!;

    public string Name => simd.Name;

    public object? Call(string member, params object[] arguments) => KernelSet.Invoke(simd.GetMethod(member) ?? throw new MissingMethodException(member), arguments);

    /// <summary>A vector of floats.</summary>
    public object Floats(IEnumerable<float> values) => Call("Load", Put(values.ToArray()))!;

    /// <summary>A vector of integers, at most 2^22.</summary>
    public object Ints(IEnumerable<int> values) => Call("ToInt", Floats(values.Select(value => (float)value)))!;

    public object Bytes(IEnumerable<byte> values) => Call("LoadBytes", Put(values.ToArray()))!;

    public float[] Floats(object? vector)
    {
        Call("Store", memory.Address, vector!);
        return memory.Span<float>(0, Width).ToArray();
    }

    public int[] Ints(object? vector) => Floats(Call("ToFloat", vector!)).Select(value => (int)value).ToArray();

    public byte[] Bytes(object? vector)
    {
        Call("StoreBytes", memory.Address, vector!);
        return memory.Span<byte>(0, 4 * Width).ToArray();
    }

    /// <summary>Puts values where a member can read them.</summary>
    public nint Put<T>(params T[] values)
        where T : unmanaged
    {
        values.CopyTo(memory.Span<T>(0, values.Length));
        return memory.Address;
    }

    /// <summary>What a member wrote.</summary>
    public T[] Written<T>(int count)
        where T : unmanaged => memory.Span<T>(0, count).ToArray();

    public void Dispose() => memory.Dispose();
}
