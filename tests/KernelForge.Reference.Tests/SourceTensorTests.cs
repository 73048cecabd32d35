using KernelForge.Formats.Decoding;
using KernelForge.Reference.Weights;

namespace KernelForge.Reference.Tests;

public class SourceTensorTests
{
    public static TheoryData<WeightType> Types => [.. SourceTensor.Types];

    /// <summary>Two decoders were written apart; they must not differ by a bit.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void DecodesLikeTheFormatsLibrary(WeightType type)
    {
        var tensor = new SourceTensor(type, 5, 96, default);
        var bytes = new byte[5 * tensor.RowBytes];
        new Random(3).NextBytes(bytes);
        tensor = tensor with { Bytes = bytes };

        var expected = new float[5 * 96];
        TensorDecoder.Decode(type, bytes, expected);

        var actual = tensor.Decode();
        for (var i = 0; i < expected.Length; i++)
        {
            if (!float.IsNaN(expected[i]))
                BitConverter.SingleToInt32Bits(actual[i]).ShouldBe(BitConverter.SingleToInt32Bits(expected[i]), $"value {i}");
        }
    }
}
