using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Tests.Numerics;

public class RowTests
{
    [Fact]
    public void LaneSumAddsInTheFixedTree()
    {
        // Lane 0 takes 1 and 2^-24, which is lost; were the order ascending over all lanes, 16 of them would add up to a unit in the last place.
        var values = Enumerable.Repeat(5.9604645e-8f, 32).ToArray();
        values[0] = 1f;

        LaneSum.Sum(values).ShouldBe(1f + 1.7881393e-6f);
    }

    [Fact]
    public void LaneSumIgnoresPaddingWithZeros()
    {
        var values = Values(45);

        LaneSum.SumOfSquares(values).ShouldBe(LaneSum.SumOfSquares([.. values, .. new float[19]]));
    }

    [Fact]
    public void RmsNormGivesRowsOfUnitMeanSquare()
    {
        var ones = Enumerable.Repeat(1f, 576).ToArray();

        var result = RmsNorm.Apply(Values(576), ones, 1e-6f);

        result.Average(x => x * x).ShouldBe(1f, 1e-4f);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(45)]
    public void QuantizedRowsAreWithinHalfAStep(int length)
    {
        var values = Values(length);

        var row = new QuantizedRow(values);

        row.Codes.Length.ShouldBe((length + 31) / 32 * 32);
        for (var i = 0; i < length; i++)
            (row.Codes[i] * row.Scales[i / 32]).ShouldBe(values[i], row.Scales[i / 32] * 0.501f);
        row.Sums[0].ShouldBe(row.Codes.Take(32).Sum(code => code));
        row.Codes.Take(32).Max(code => Math.Abs((int)code)).ShouldBe(127);
    }

    [Fact]
    public void TinyBlocksAreZero()
    {
        var row = new QuantizedRow(Enumerable.Repeat(1e-30f, 32).ToArray());

        row.Scales[0].ShouldBe(0f);
        row.Codes.ShouldAllBe(code => code == 0);
    }

    [Fact]
    public void QuantizationRoundsHalvesToEven()
    {
        var values = new float[32];
        (values[0], values[1], values[2], values[3]) = (127f, 0.5f, 1.5f, -2.5f);

        new QuantizedRow(values).Codes[..4].ShouldBe([127, 0, 2, -2]);
    }

    [Fact]
    public void RotationKeepsLengthsAndLeavesTheRestAlone()
    {
        var head = Values(16);
        var before = (float[])head.Clone();
        var angles = RotaryAngles.Table(new RotaryTable(4, 10_000, new RotaryScaling.Default()), 10, _ => [])[9];

        Rotary.Rotate(head, angles);

        for (var pair = 0; pair < 4; pair++)
            ((head[2 * pair] * head[2 * pair]) + (head[(2 * pair) + 1] * head[(2 * pair) + 1]))
                .ShouldBe((before[2 * pair] * before[2 * pair]) + (before[(2 * pair) + 1] * before[(2 * pair) + 1]), 1e-5f);
        head[8..].ShouldBe(before[8..]);
        head[0].ShouldBe((float)((before[0] * Math.Cos(9)) - (before[1] * Math.Sin(9))), 1e-6f);
    }

    [Theory]
    [InlineData(CacheFormat.F32, 1e-9f)]
    [InlineData(CacheFormat.F16, 0.0005f)]
    [InlineData(CacheFormat.Int8, 0.005f)]
    public void CacheRoundingStaysNearTheValue(CacheFormat format, float tolerance)
    {
        var head = Values(64);
        var largest = head.Max(MathF.Abs);

        var rounded = CacheRounding.Round(head, format);

        for (var i = 0; i < head.Length; i++)
            rounded[i].ShouldBe(head[i], tolerance * largest);
    }

    [Fact]
    public void HalfCacheClampsWhatWouldBeInfinite() =>
        CacheRounding.Round([1e9f, -1e9f], CacheFormat.F16).ShouldBe([65504f, -65504f]);

    internal static float[] Values(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4f) - 2f)];
    }
}
