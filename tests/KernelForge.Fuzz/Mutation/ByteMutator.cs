using System.Buffers.Binary;

namespace KernelForge.Fuzz.Mutation;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteMutator
{
    /// <summary>A copy with a few changes.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="input">The bytes.</param>
    /// <param name="within">Changes begin before this place; headers matter more than data.</param>
    public static byte[] Mutate(Random random, byte[] input, int within = int.MaxValue)
    {
        var bytes = new List<byte>(input);
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
            Change(random, bytes, Math.Min(within, bytes.Count));
        return [.. bytes];
    }

    private static void Change(Random random, List<byte> bytes, int within)
    {
        var at = random.Next(within + 1);
        var left = bytes.Count - at;
        switch (random.Next(8))
        {
            case 0 when left > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when left > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when left >= 4:
                Write(bytes, at, 4, Numbers.Next(random));
                break;
            case 3 when left >= 8:
                Write(bytes, at, 8, Numbers.Next(random));
                break;
            case 4:
                bytes.InsertRange(at, Some(random, 1 + random.Next(16)));
                break;
            case 5 when left > 0:
                bytes.RemoveRange(at, 1 + random.Next(Math.Min(left, 32)));
                break;
            case 6 when left > 0:
                bytes.InsertRange(at, bytes.GetRange(at, 1 + random.Next(Math.Min(left, 64))));
                break;
            case 7 when random.Next(8) == 0:
                bytes.RemoveRange(at, left);
                break;
        }
    }

    private static byte[] Some(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Write(List<byte> bytes, int at, int count, ulong value)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        for (var i = 0; i < count; i++)
            bytes[at + i] = number[i];
    }
}
