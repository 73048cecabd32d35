using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Tests.Numerics;

public class ExponentialTests
{
    [Fact]
    public void ExpIsWithinTwoUnitsInTheLastPlace()
    {
        var worst = 0.0;
        for (var x = -86.9f; x < 88f; x += 0.0137f)
        {
            var exact = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(Exponential.Exp(x) - exact) / exact);
        }

        worst.ShouldBeLessThan(2.4e-7);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-87.1f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void ExpIsExactWhereTheMergeOfBlocksNeedsIt(float x, float expected) => Exponential.Exp(x).ShouldBe(expected);

    [Fact]
    public void ExpIsFiniteEverywhere() => Exponential.Exp(1e30f).ShouldBe(Exponential.Exp(88f));

    [Theory]
    [InlineData(0f)]
    [InlineData(1.5f)]
    [InlineData(-20f)]
    [InlineData(-300f)]
    [InlineData(300f)]
    public void SiluIsXTimesSigmoid(float x) =>
        ((double)Exponential.Silu(x)).ShouldBe(x / (1.0 + Math.Exp(-(double)x)), 1e-6 * Math.Max(1.0, Math.Abs(x)));
}
