using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Tests.Numerics;

public class DotProductTests
{
    [Theory]
    [InlineData(PackedLayout.Int4, 64)]
    [InlineData(PackedLayout.Int4, 4128)]
    [InlineData(PackedLayout.Int4Minimum, 96)]
    [InlineData(PackedLayout.Int8, 2080)]
    public void QuantizedEqualsTheSumOverExactValues(PackedLayout layout, int columns)
    {
        var random = new Random(columns);
        var codes = new byte[columns];
        var limit = layout == PackedLayout.Int8 ? 256 : 16;
        for (var i = 0; i < columns; i++)
            codes[i] = (byte)random.Next(limit);
        var scales = RowTests.Values(columns / 32, 2);
        var minima = layout == PackedLayout.Int4Minimum ? RowTests.Values(columns / 32, 3) : [];
        var row = new QuantizedRow(RowTests.Values(columns, 4));

        var exact = 0.0;
        for (var i = 0; i < columns; i++)
        {
            double weight = layout switch
            {
                PackedLayout.Int4 => (codes[i] - 8) * scales[i / 32],
                PackedLayout.Int8 => (codes[i] - 128) * scales[i / 32],
                _ => (codes[i] * scales[i / 32]) + minima[i / 32],
            };
            exact += weight * row.Codes[i] * row.Scales[i / 32];
        }

        ((double)DotProduct.Quantized(layout, codes, scales, minima, row)).ShouldBe(exact, 1e-5 * limit * columns);
    }

    [Fact]
    public void SegmentsAreSummedApart()
    {
        // In one chain the ones of the second segment would be lost beside 2^25; a segment of their own keeps them.
        var weights = Enumerable.Repeat(1f, 4096).ToArray();
        var row = new float[4096];
        row[0] = 33554432f;
        Array.Fill(row, 1f, 2048, 2048);

        DotProduct.Float(weights, row).ShouldBe(33554432f + 2048f);
    }
}
