using KernelForge.Formats.Conversion;

namespace KernelForge.Formats.Checkpoints;

/// <summary>A GPTQ matrix: scale * (code - zero). Symmetric ones run exactly; inputs in another order than their groups run as f16.</summary>
internal sealed class GptqWeight : CodedWeight
{
    private readonly int _bits;
    private readonly int _zeroOffset;
    private readonly bool _isSymmetric;
    private readonly StoredTensor _words;
    private readonly StoredTensor _zeros;
    private readonly StoredTensor _scales;
    private readonly int[]? _groupOf;
    private readonly int _groupSize;

    public GptqWeight(
        string name, int bits, int zeroOffset, bool isSymmetric, StoredTensor words, StoredTensor zeros, StoredTensor scales, int[]? groupOf, int groupSize)
        : base(
            words.File.Path, name, $"GPTQ {bits}-bit{(groupOf is null ? "" : " in act order")}", RunTypeOf(bits, isSymmetric, groupOf, words, groupSize),
            words.Shape[1], (int)words.Shape[0] * (32 / bits))
    {
        _bits = bits;
        _zeroOffset = zeroOffset;
        _isSymmetric = isSymmetric;
        _words = words;
        _zeros = zeros;
        _scales = scales;
        _groupOf = groupOf;
        _groupSize = groupSize;
    }

    protected override CodedRow Split(long row)
    {
        var codes = 32 / _bits;
        var mask = (1 << _bits) - 1;
        var groups = (int)_scales.Shape[0];
        var coded = new CodedRow(Columns, _groupSize, groups, hasMinima: false, _groupOf);
        var zeros = new int[groups];
        for (var group = 0; group < groups; group++)
        {
            coded.Scales[group] = _scales.Float((group * Rows) + row);
            var word = _zeros.Word((group * _zeros.Shape[1]) + (row / codes));
            zeros[group] = ((int)(word >> (int)(row % codes * _bits)) + _zeroOffset) & mask;
            if (_isSymmetric && zeros[group] != 1 << (_bits - 1))
                throw _zeros.Error($"group {group} of output {row} has the zero {zeros[group]}, and the configuration calls the model symmetric");
        }

        for (var i = 0; i < Columns; i += codes)
        {
            var word = _words.Word((i / codes * Rows) + row);
            for (var j = 0; j < codes; j++)
                coded.Codes[i + j] = (short)((int)(word >> (j * _bits) & (uint)mask) - zeros[coded.GroupOf(i + j)]);
        }
        return coded;
    }

    private static WeightType RunTypeOf(int bits, bool isSymmetric, int[]? groupOf, StoredTensor words, int groupSize) =>
        groupOf is not null || (bits == 8 && !isSymmetric)
            ? WeightType.F16
            : Blocks(bits == 8 ? WeightType.Q8_0 : isSymmetric ? WeightType.Q4_0 : WeightType.Q4_1, (int)words.Shape[0] * (32 / bits), groupSize);
}
