using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Generator.Tests.Specialization;

/// <summary>Buffers that a kernel works on, freed together.</summary>
internal sealed unsafe class KernelMemory(int seed) : IDisposable
{
    private readonly List<(nint Address, int Length)> buffers = [];
    private readonly HashSet<nint> forgotten = [];
    private readonly Random random = new(seed);

    /// <summary>64-byte aligned zeros.</summary>
    public nint Bytes(int length)
    {
        var buffer = (nint)Allocate(length);
        buffers.Add((buffer, length));
        return buffer;
    }

    /// <summary>Random floats, from -1 to 1.</summary>
    public nint Floats(int count)
    {
        var buffer = Bytes(count * sizeof(float));
        for (var i = 0; i < count; i++)
        {
            ((float*)buffer)[i] = (random.NextSingle() * 2) - 1;
        }
        return buffer;
    }

    /// <summary>A packed matrix: units that start with small binary16 numbers and go on with random codes.</summary>
    public nint Matrix(int units, int unitBytes, int halves)
    {
        var buffer = Bytes((units * unitBytes) + 16384); // kernels fetch ahead
        var bytes = new Span<byte>((void*)buffer, units * unitBytes);
        random.NextBytes(bytes);
        for (var unit = 0; unit < units; unit++)
        {
            for (var i = 0; i < halves; i++)
            {
                ((Half*)(buffer + (unit * unitBytes)))[i] = (Half)((random.NextSingle() - 0.5f) / 64);
            }
        }
        return buffer;
    }

    public static int QuantizedStride(int width, string activations) => PackedLayouts.RowBytes(width, Enum.Parse<ActivationFormat>(activations));

    /// <summary>Rows of random INT8 or INT12 codes with their scales and sums (docs/numerics.md).</summary>
    public nint QuantizedRows(int rows, int width, string activations)
    {
        var stride = QuantizedStride(width, activations);
        var parts = activations == "Int12" ? 2 : 1; // high digits, low digits
        var buffer = Bytes(rows * stride);
        for (var row = 0; row < rows; row++)
        {
            var codes = (sbyte*)(buffer + (row * stride));
            var scales = (float*)(codes + (parts * width));
            for (var block = 0; block < width / 32; block++)
            {
                var sum = 0;
                for (var i = 0; i < 32; i++)
                {
                    var at = codes + (parts * 32 * block) + i;
                    at[0] = (sbyte)random.Next(-127, 128);
                    sum += at[0] * (parts == 2 ? 16 : 1);
                    if (parts == 2)
                        sum += at[32] = (sbyte)random.Next(16);
                }
                scales[block] = random.NextSingle() / 64;
                ((int*)scales)[(width / 32) + block] = sum;
                scales[(width / 16) + block] = scales[block] * sum;
            }
        }
        return buffer;
    }

    public nint Integers(params ReadOnlySpan<int> values)
    {
        var buffer = Bytes(values.Length * sizeof(int));
        values.CopyTo(new Span<int>((void*)buffer, values.Length));
        return buffer;
    }

    /// <summary>A sequence of these rows at position 0, with one cache page of small numbers.</summary>
    public nint Sequence(int rows, int unitBytes)
    {
        var pages = Bytes(sizeof(nint));
        *(nint*)pages = Matrix(unitBytes / 64, 64, 32);
        var sequence = (SequenceSlice*)Bytes(sizeof(SequenceSlice));
        *sequence = new SequenceSlice { Rows = rows, Pages = (byte**)pages };
        Forget(pages);
        Forget((nint)sequence);
        return (nint)sequence;
    }

    /// <summary>Leaves a buffer out of the snapshot: it holds addresses, or what a kernel leaves there is its own affair.</summary>
    public void Forget(nint buffer) => forgotten.Add(buffer);

    /// <summary>All bytes of all buffers.</summary>
    public byte[] Snapshot() => [.. buffers.Where(b => !forgotten.Contains(b.Address)).SelectMany(b => new Span<byte>((void*)b.Address, b.Length).ToArray())];

    public void Dispose()
    {
        foreach (var (address, _) in buffers)
        {
            System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)address);
        }
        buffers.Clear();
    }

    private static void* Allocate(int length)
    {
        var memory = System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)length, 64);
        new Span<byte>(memory, length).Clear();
        return memory;
    }
}
