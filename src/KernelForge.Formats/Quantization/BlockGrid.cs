using System.Buffers.Binary;
using KernelForge.Formats.Conversion;

namespace KernelForge.Formats.Quantization;

/// <summary>The values that a block of 32 weights can take in Q4_0, Q4_1 or Q8_0 once its scale (and minimum) is chosen: code * scale + minimum.</summary>
internal readonly struct BlockGrid
{
    /// <summary>Weights of a block.</summary>
    public const int Length = 32;

    private readonly WeightType _type;
    private readonly float _scale;
    private readonly float _minimum;
    private readonly float _inverse;
    private readonly float _lowest;
    private readonly float _highest;

    /// <summary>A grid whose scale and minimum are rounded to f16, as they are stored.</summary>
    public BlockGrid(WeightType type, double scale, double minimum = 0)
    {
        _type = type;
        _scale = (float)(Half)scale;
        _minimum = (float)(Half)minimum;
        _inverse = _scale == 0 ? 0 : 1 / _scale;
        (_lowest, _highest) = Codes(type);
    }

    /// <summary>Whether scale and minimum are in the range of f16.</summary>
    public bool IsFinite => float.IsFinite(_scale) && float.IsFinite(_minimum);

    /// <summary>The lowest and the highest code of a type. Q8_0 could hold -128; kernels and other programs expect that it is not used.</summary>
    /// <exception cref="NotSupportedException">The type has no such blocks.</exception>
    public static (int Lowest, int Highest) Codes(WeightType type) => type switch
    {
        WeightType.Q4_0 => (-8, 7),
        WeightType.Q4_1 => (0, 15),
        WeightType.Q8_0 => (-127, 127),
        _ => throw new NotSupportedException($"Weights are not quantized to {type}."),
    };

    /// <summary>Bytes of a block.</summary>
    public static int Bytes(WeightType type) => type switch { WeightType.Q4_0 => 18, WeightType.Q4_1 => 20, _ => 34 };

    /// <summary>The code whose value is nearest.</summary>
    public short Code(float value) => (short)Math.Clamp(MathF.Round((value - _minimum) * _inverse), _lowest, _highest);

    /// <summary>What a code stands for.</summary>
    public float Value(int code) => (code * _scale) + _minimum;

    /// <summary>The weighted sum of squares by which the nearest values miss.</summary>
    public double Error(ReadOnlySpan<float> values, ReadOnlySpan<float> importance)
    {
        var sum = 0f;
        for (var i = 0; i < values.Length; i++)
        {
            var miss = values[i] - Value(Code(values[i]));
            sum += importance[i] * miss * miss;
        }

        return sum;
    }

    /// <summary>Writes codes as a block.</summary>
    public void Write(ReadOnlySpan<short> codes, Span<byte> output)
    {
        if (_type == WeightType.Q8_0)
        {
            BlockWriter.WriteEightBits(codes, _scale, output);
        }
        else if (_type == WeightType.Q4_0)
        {
            BlockWriter.WriteFourBits(codes, _scale, output);
        }
        else
        {
            Span<byte> unsigned = stackalloc byte[Length];
            for (var i = 0; i < Length; i++)
                unsigned[i] = (byte)codes[i];
            BinaryPrimitives.WriteHalfLittleEndian(output, (Half)_scale);
            BinaryPrimitives.WriteHalfLittleEndian(output[2..], (Half)_minimum);
            BlockWriter.WriteNibbles(unsigned, output[4..]);
        }
    }
}
