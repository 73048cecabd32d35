namespace KernelForge.Formats.Conversion;

/// <summary>A row of weights as codes, and a scale (and a minimum) for each group of them: code * scale + minimum.</summary>
/// <param name="columns">Values of the row.</param>
/// <param name="groupValues">Values of a group.</param>
/// <param name="hasMinima">Whether groups have a minimum.</param>
internal sealed class CodedRow(int columns, int groupValues, bool hasMinima)
{
    public int GroupValues => groupValues;

    public bool HasMinima => hasMinima;

    public sbyte[] Codes { get; } = new sbyte[columns];

    public float[] Scales { get; } = new float[(columns + groupValues - 1) / groupValues];

    public float[] Minima { get; } = new float[hasMinima ? (columns + groupValues - 1) / groupValues : 0];

    /// <summary>The float32 values that the row stands for.</summary>
    public void Decode(Span<float> values)
    {
        for (var i = 0; i < Codes.Length; i++)
        {
            var group = i / groupValues;
            values[i] = hasMinima ? (Codes[i] * Scales[group]) + Minima[group] : Codes[i] * Scales[group];
        }
    }
}
