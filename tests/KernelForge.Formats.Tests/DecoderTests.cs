using System.Runtime.InteropServices;
using KernelForge.Formats.Decoding;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Safetensors;

namespace KernelForge.Formats.Tests;

/// <summary>Every type decodes to the values that ggml's own decoder gives, bit for bit.</summary>
public class DecoderTests
{
    public static TheoryData<WeightType> Types => [.. Enum.GetValues<WeightType>()];

    [Fact]
    public void Every_type_of_the_reference_is_read()
    {
        using var file = SafetensorsFile.Open(TestFiles.Data("vectors.safetensors"));
        file.Tensors.Where(tensor => tensor.Name.EndsWith(".bytes", StringComparison.Ordinal)).Select(tensor => tensor.Name[..^6])
            .ShouldBe(Enum.GetNames<WeightType>(), ignoreOrder: true);
    }

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
        bytes.Length.ShouldBe(8 * GgmlType.Find((int)type)!.BlockBytes * 512 / GgmlType.Find((int)type)!.BlockValues);
    }

    [Theory]
    [InlineData(WeightType.F32, 3)]
    [InlineData(WeightType.F16, 1)]
    [InlineData(WeightType.BF16, 1)]
    [InlineData(WeightType.Q4_0, 1)]
    [InlineData(WeightType.Q4_1, 1, 3)]
    [InlineData(WeightType.Q5_0, 1)]
    [InlineData(WeightType.Q5_1, 1, 3)]
    [InlineData(WeightType.Q8_0, 1)]
    [InlineData(WeightType.Q2_K, 81, 83)]
    [InlineData(WeightType.Q3_K, 109)]
    [InlineData(WeightType.Q4_K, 1, 3)]
    [InlineData(WeightType.Q5_K, 1, 3)]
    [InlineData(WeightType.Q6_K, 209)]
    [InlineData(WeightType.IQ2_XXS, 1)]
    [InlineData(WeightType.IQ2_XS, 1)]
    [InlineData(WeightType.IQ2_S, 1)]
    [InlineData(WeightType.IQ3_XXS, 1)]
    [InlineData(WeightType.IQ3_S, 1)]
    [InlineData(WeightType.IQ1_S, 1)]
    [InlineData(WeightType.IQ4_NL, 1)]
    [InlineData(WeightType.IQ4_XS, 1)]
    [InlineData(WeightType.TQ1_0, 53)]
    [InlineData(WeightType.TQ2_0, 65)]
    [InlineData(WeightType.Q1_0, 1)]
    [InlineData(WeightType.Q2_0, 1)]
    public void Infinite_values_are_found_in_the_last_block(WeightType type, params int[] highBytesOfNumbers)
    {
        var decoder = TensorDecoder.Find((int)type)!;
        foreach (var high in highBytesOfNumbers)
        {
            var bytes = new byte[3 * decoder.BlockBytes];
            decoder.AllFinite(bytes).ShouldBeTrue();

            // 0x7F8x is infinite or no number in each of the three float formats.
            bytes[(2 * decoder.BlockBytes) + high] = 0x7F;
            bytes[(2 * decoder.BlockBytes) + high - 1] = 0x80;

            decoder.AllFinite(bytes).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(WeightType.MXFP4, 0, 253)]
    [InlineData(WeightType.MXFP4, 0, 255)]
    [InlineData(WeightType.NVFP4, 3, 0x7F)]
    public void Scales_that_are_no_numbers_are_found(WeightType type, int offset, byte scale)
    {
        var decoder = TensorDecoder.Find((int)type)!;
        var bytes = new byte[3 * decoder.BlockBytes];
        bytes[(2 * decoder.BlockBytes) + offset] = scale;

        decoder.AllFinite(bytes).ShouldBeFalse();
    }

    [Fact]
    public void A_factor_in_four_quarters_is_looked_at_as_a_whole()
    {
        var decoder = TensorDecoder.Find((int)WeightType.IQ1_M)!;
        var bytes = new byte[3 * 56];
        foreach (var (quarter, bits) in new[] { (0, 0x0), (1, 0x0), (2, 0xC), (3, 0x7) })
            bytes[(2 * 56) + 48 + (quarter * 2) + 1] = (byte)(bits << 4);

        decoder.AllFinite(bytes).ShouldBeFalse();
    }

    [Fact]
    public void Lengths_that_do_not_belong_together_are_refused()
    {
        Should.Throw<ArgumentException>(() => TensorDecoder.Decode(WeightType.Q4_0, new byte[17], new float[32]));
        Should.Throw<ArgumentException>(() => TensorDecoder.Decode(WeightType.Q4_0, new byte[18], new float[31]));
        Should.Throw<NotSupportedException>(() => TensorDecoder.Decode((WeightType)9, new byte[36], new float[32]));
    }

    private static uint[] Bits(float[] values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
