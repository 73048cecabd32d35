using KernelForge.Formats.Conversion;
using KernelForge.Formats.Decoding;

namespace KernelForge.Formats.Checkpoints;

/// <summary>
/// MXFP4 as gpt-oss publishes it: <c>NAME_blocks</c> U8 [..., rows, blocks, 16], byte b of a block holding value 2b in its low nibble and 2b + 1 in its high one, and
/// <c>NAME_scales</c> U8 [..., rows, blocks], exponents. The logical tensor NAME is [..., rows, 32 * blocks]: rows are outputs.
/// </summary>
internal sealed class Mxfp4Layout : CheckpointLayout
{
    private const int BlockBytes = 16;

    public override IEnumerable<LogicalTensor> Combine(StoredTensors tensors)
    {
        foreach (var (name, blocks) in tensors.Ending("_blocks"))
        {
            if (blocks.Type != "U8" || blocks.Shape.Count < 3 || blocks.Shape[^1] != BlockBytes || blocks.Shape.Any(size => size is 0 or > 1 << 24))
                throw blocks.Error($"{blocks.Type} [{string.Join(", ", blocks.Shape)}]; U8 [..., rows, blocks, {BlockBytes}] is expected");
            var shape = blocks.Shape.Take(blocks.Shape.Count - 1).ToArray();
            var scales = tensors.Require(name + "_scales", blocks).Expect("U8", shape);
            long[] logical = [.. shape[..^1], shape[^1] * 32];
            yield return new LogicalTensor(new Weight(name, blocks, scales, shape), logical.ToEquatableArray(), [blocks, scales]);
        }
    }

    private sealed class Weight(string name, StoredTensor blocks, StoredTensor scales, long[] shape)
        : CodedWeight(blocks.File.Path, name, "MXFP4", WeightType.Q8_0, shape[..^1].Aggregate(1L, (product, size) => product * size), (int)shape[^1] * 32)
    {
        // Codes are integers, whose zero has no sign; E2M1 has one for it.
        private const int NegativeZero = 8;

        private int BlocksOfRow => Columns / 32;

        public override void Decode(long row, Span<float> values)
        {
            base.Decode(row, values);
            var codes = Codes(row);
            for (var i = 0; i < Columns; i++)
            {
                if (Code(codes, i) == NegativeZero)
                    values[i] = -0f;
            }
        }

        protected override CodedRow Split(long row)
        {
            var coded = new CodedRow(Columns, 32, BlocksOfRow, hasMinima: false);
            for (var block = 0; block < BlocksOfRow; block++)
            {
                var exponent = scales.Bytes((row * BlocksOfRow) + block, 1)[0];
                coded.Scales[block] = exponent == byte.MaxValue ? float.NaN : MathF.ScaleB(1, exponent - 128);
            }
            var codes = Codes(row);
            for (var i = 0; i < Columns; i++)
                coded.Codes[i] = Fp4.Doubled[Code(codes, i)];
            return coded;
        }

        private ReadOnlySpan<byte> Codes(long row) => blocks.Bytes(row * BlocksOfRow * BlockBytes, BlocksOfRow * BlockBytes);

        private static int Code(ReadOnlySpan<byte> codes, int column) => codes[column / 2] >> (column % 2 * 4) & 15;
    }
}
