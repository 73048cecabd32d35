namespace KernelForge.Formats.Conversion;

/// <summary>A row of weights as codes, and a scale (and a minimum) for each group of them: code * scale + minimum.</summary>
/// <param name="columns">Values of the row.</param>
/// <param name="groupValues">Values of a group; groups follow each other unless <paramref name="groupOf"/> says otherwise.</param>
/// <param name="groups">How many groups there are.</param>
/// <param name="hasMinima">Whether groups have a minimum.</param>
/// <param name="groupOf">The group of each value where they do not follow each other, or null.</param>
internal sealed class CodedRow(int columns, int groupValues, int groups, bool hasMinima, int[]? groupOf = null)
{
    public int GroupValues => groupValues;

    public bool HasMinima => hasMinima;

    public bool IsOrdered => groupOf is null;

    public short[] Codes { get; } = new short[columns];

    public float[] Scales { get; } = new float[groups];

    public float[] Minima { get; } = new float[hasMinima ? groups : 0];

    /// <summary>The group of a value.</summary>
    public int GroupOf(int column) => groupOf is null ? column / groupValues : groupOf[column];

    /// <summary>The float32 values that the row stands for.</summary>
    public void Decode(Span<float> values)
    {
        for (var i = 0; i < Codes.Length; i++)
        {
            var group = GroupOf(i);
            values[i] = hasMinima ? (Codes[i] * Scales[group]) + Minima[group] : Codes[i] * Scales[group];
        }
    }
}
