using KernelForge.Formats.Conversion;

namespace KernelForge.Formats.Checkpoints;

/// <summary>An integer matrix of compressed-tensors: scale * (code - zero), zero being 0 for symmetric ones.</summary>
internal sealed class CompressedIntegerWeight : CodedWeight
{
    private readonly IntegerCodes _codes;
    private readonly StoredTensor _scales;
    private readonly StoredTensor? _zeros;
    private readonly int[]? _groupOf;
    private readonly int _groups;

    /// <summary>Combines the tensors of a matrix.</summary>
    /// <exception cref="ModelFormatException">Their shapes do not belong together.</exception>
    public CompressedIntegerWeight(string name, IntegerCodes codes, StoredTensor scales, StoredTensor? zeros, StoredTensor? order)
        : base(
            codes.Stored.File.Path, name, $"compressed-tensors INT{codes.Bits}{(order is null ? "" : " in act order")}", RunTypeOf(codes, scales, zeros, order),
            codes.Rows, codes.Columns)
    {
        _codes = codes;
        _groups = GroupsOf(scales);
        _scales = HasOneScale(scales) ? scales : scales.Expect("BF16 F16 F32", codes.Rows, _groups);
        if (_groups == 0 || codes.Columns % _groups != 0)
            throw scales.Error($"{_groups} groups do not divide rows of {codes.Columns}");
        if (zeros is not null && codes.IsPacked)
            zeros.Expect("I32 U32", (codes.Rows + codes.PerWord - 1) / codes.PerWord, _groups);
        else
            zeros?.Expect("I8", [.. scales.Shape]);
        _zeros = zeros;
        _groupOf = order is null ? null : [.. Enumerable.Range(0, codes.Columns).Select(i => order.Word(i) < _groups ? (int)order.Word(i) : throw order.Error($"input {i} is of a group that does not exist"))];
    }

    protected override CodedRow Split(long row)
    {
        var coded = new CodedRow(Columns, Columns / _groups, _groups, hasMinima: false, _groupOf);
        var zeros = new int[_groups];
        for (var group = 0; group < _groups; group++)
        {
            var index = HasOneScale(_scales) ? 0 : (row * _groups) + group;
            coded.Scales[group] = _scales.Float(index);
            if (_zeros is not null)
                zeros[group] = _codes.IsPacked ? PackedZero(row, group) : (sbyte)_zeros.Bytes(index, 1)[0];
        }

        _codes.Read(row, coded.Codes);
        for (var i = 0; i < Columns; i++)
            coded.Codes[i] -= (short)zeros[coded.GroupOf(i)];
        return coded;
    }

    // Zeros are packed down the outputs.
    private int PackedZero(long row, int group)
    {
        var word = _zeros!.Word((row / _codes.PerWord * _groups) + group);
        return (int)(word >> (int)(row % _codes.PerWord * _codes.Bits) & ((1u << _codes.Bits) - 1)) - _codes.Offset;
    }

    private static bool HasOneScale(StoredTensor scales) => scales.Shape.Count == 0 || (scales.Shape.Count == 1 && scales.Shape[0] == 1);

    private static int GroupsOf(StoredTensor scales) => scales.Shape.Count < 2 ? 1 : (int)Math.Min(scales.Shape[1], int.MaxValue);

    private static WeightType RunTypeOf(IntegerCodes codes, StoredTensor scales, StoredTensor? zeros, StoredTensor? order) =>
        order is not null || (codes.Bits == 8 && zeros is not null)
            ? WeightType.F16
            : Blocks(codes.Bits == 8 ? WeightType.Q8_0 : zeros is null ? WeightType.Q4_0 : WeightType.Q4_1, codes.Columns, codes.Columns / Math.Max(1, GroupsOf(scales)));
}
