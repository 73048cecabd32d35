using System.Buffers.Binary;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.RandomModels;

/// <summary>Random weights of every supported type, sized so that a layer's output stays near the size of its input.</summary>
internal static class RandomTensors
{
    /// <summary>A matrix whose values have about the standard deviation 1/sqrt(columns); every code of a quantized type occurs.</summary>
    public static SourceTensor Matrix(Random random, WeightType type, int rows, int columns)
    {
        var deviation = 1f / MathF.Sqrt(columns);
        var tensor = new SourceTensor(type, rows, columns, default);
        var bytes = new byte[rows * tensor.RowBytes];
        if (type is WeightType.F32 or WeightType.F16 or WeightType.BF16)
            FillFloats(random, type, bytes, deviation);
        else
            FillBlocks(random, type, bytes, deviation);
        return tensor with { Bytes = bytes };
    }

    /// <summary>An F32 vector of normal values.</summary>
    public static SourceTensor Vector(Random random, int length, float mean, float deviation)
    {
        var bytes = new byte[length * sizeof(float)];
        for (var i = 0; i < length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), mean + (deviation * Normal(random)));
        return new SourceTensor(WeightType.F32, 1, length, bytes);
    }

    private static void FillFloats(Random random, WeightType type, Span<byte> bytes, float deviation)
    {
        var size = type == WeightType.F32 ? 4 : 2;
        for (var i = 0; i < bytes.Length; i += size)
        {
            var value = deviation * Normal(random);
            if (type == WeightType.F32)
                BinaryPrimitives.WriteSingleLittleEndian(bytes[i..], value);
            else if (type == WeightType.F16)
                BinaryPrimitives.WriteHalfLittleEndian(bytes[i..], (Half)value);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[i..], (ushort)(BitConverter.SingleToInt32Bits(value) >> 16));
        }
    }

    private static void FillBlocks(Random random, WeightType type, Span<byte> bytes, float deviation)
    {
        random.NextBytes(bytes);
        var (stride, codeDeviation) = type switch
        {
            WeightType.Q4_0 => (18, 4.6f),
            WeightType.Q4_1 => (20, 4.6f),
            _ => (34, 74f),
        };
        for (var block = 0; block < bytes.Length; block += stride)
        {
            // Scales of both signs and, now and then, a zero or a denormal one.
            var scale = deviation / codeDeviation * (0.5f + random.NextSingle());
            scale = random.Next(40) switch { 0 => 0f, 1 => 3e-7f, < 20 => -scale, _ => scale };
            BinaryPrimitives.WriteHalfLittleEndian(bytes[block..], (Half)scale);
            if (type == WeightType.Q4_1)
                BinaryPrimitives.WriteHalfLittleEndian(bytes[(block + 2)..], (Half)(-7.5f * scale));
        }
    }

    private static float Normal(Random random)
    {
        var radius = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble()));
        return (float)(radius * Math.Cos(2.0 * Math.PI * random.NextDouble()));
    }
}
