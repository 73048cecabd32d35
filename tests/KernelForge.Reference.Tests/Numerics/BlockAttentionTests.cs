using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Tests.Numerics;

public class BlockAttentionTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(63, 0)]
    [InlineData(64, 0)]
    [InlineData(150, 0)]
    [InlineData(150, 1)]
    [InlineData(150, 40)]
    [InlineData(191, 64)]
    public void EqualsPlainSoftmax(int position, int window)
    {
        const int Size = 24;
        var query = RowTests.Values(Size, 1);
        var keys = Enumerable.Range(0, 200).Select(p => RowTests.Values(Size, 100 + p)).ToArray();
        var values = Enumerable.Range(0, 200).Select(p => RowTests.Values(Size, 500 + p)).ToArray();

        var result = BlockAttention.Attend(query, keys, values, position, window, 0.2f);

        var first = window == 0 ? 0 : Math.Max(0, position - window + 1);
        var weights = Enumerable.Range(first, position - first + 1)
            .Select(p => Math.Exp(0.2 * query.Zip(keys[p], (q, k) => (double)q * k).Sum())).ToArray();
        for (var d = 0; d < Size; d++)
            ((double)result[d]).ShouldBe(weights.Select((w, i) => w * values[first + i][d]).Sum() / weights.Sum(), 1e-5);
    }
}
