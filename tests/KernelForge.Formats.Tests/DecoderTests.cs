using System.Runtime.InteropServices;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Tests;

/// <summary>Every type decodes to the values that ggml's own decoder gives, bit for bit.</summary>
public class DecoderTests
{
    public static TheoryData<WeightType> Types => [.. Enum.GetValues<WeightType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_equal_the_reference_bit_for_bit(WeightType type)
    {
        using var file = SafetensorsFile.Open(TestFiles.Data("vectors.safetensors"));
        var expected = file.Floats(file.Require($"{type}.values"));
        var bytes = file.Bytes(file.Require($"{type}.bytes"));
        var actual = new float[expected.Length];

        TensorDecoder.Decode(type, bytes, actual);

        Bits(actual).ShouldBe(Bits(expected));
        TensorDecoder.Find((int)type)!.AllFinite(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData(WeightType.F32, 3)]
    [InlineData(WeightType.F16, 1)]
    [InlineData(WeightType.BF16, 1)]
    [InlineData(WeightType.Q4_0, 1)]
    [InlineData(WeightType.Q4_1, 1)]
    [InlineData(WeightType.Q4_1, 3)]
    [InlineData(WeightType.Q8_0, 1)]
    public void Infinite_values_are_found_in_the_last_block(WeightType type, int highByteOfNumber)
    {
        var decoder = TensorDecoder.Find((int)type)!;
        var bytes = new byte[3 * decoder.BlockBytes];
        decoder.AllFinite(bytes).ShouldBeTrue();

        // 0x7F8x is infinite or no number in each of the three float formats.
        bytes[(2 * decoder.BlockBytes) + highByteOfNumber] = 0x7F;
        bytes[(2 * decoder.BlockBytes) + highByteOfNumber - 1] = 0x80;

        decoder.AllFinite(bytes).ShouldBeFalse();
    }

    [Fact]
    public void Lengths_that_do_not_belong_together_are_refused()
    {
        Should.Throw<ArgumentException>(() => TensorDecoder.Decode(WeightType.Q4_0, new byte[17], new float[32]));
        Should.Throw<ArgumentException>(() => TensorDecoder.Decode(WeightType.Q4_0, new byte[18], new float[31]));
        Should.Throw<NotSupportedException>(() => TensorDecoder.Decode((WeightType)12, new byte[144], new float[256]));
    }

    private static uint[] Bits(float[] values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
