using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Reference.Contract;

/// <summary>The state of one pass: its rows, and what each buffer holds.</summary>
internal sealed class Pass
{
    private readonly Plan _plan;
    private readonly float[][]?[] _floats;
    private readonly QuantizedRow[]?[] _quantized;

    public Pass(Plan plan, IReadOnlyList<ReferenceRows> rows, IReadOnlyList<int>? types = null, float[][]? given = null)
    {
        _plan = plan;
        _floats = new float[plan.Buffers.Count][][];
        _quantized = new QuantizedRow[]?[plan.Buffers.Count];
        Tokens = [.. rows.SelectMany(part => part.Tokens)];
        Sequences = [.. rows.SelectMany(part => part.Tokens.Select(_ => part.Sequence))];
        Positions = [.. rows.SelectMany(part => Enumerable.Range(part.Sequence.Length, part.Tokens.Count))];
        Given = given ?? [];
        Types = types is { Count: > 0 } ? [.. types] : new int[Tokens.Length];
        var asked = rows.SelectMany(part => Enumerable.Range(1, part.Tokens.Count).Select(i => part.AllLogits || i == part.Tokens.Count)).ToArray();
        LogitRows = [.. Enumerable.Range(0, asked.Length).Where(row => plan.IsEncoder ? Positions[row] == 0 : asked[row])];
    }

    /// <summary>Token of each row.</summary>
    public int[] Tokens { get; }

    /// <summary>Sequence of each row.</summary>
    public ReferenceSequence[] Sequences { get; }

    /// <summary>Position of each row in its sequence.</summary>
    public int[] Positions { get; }

    /// <summary>Each row as it is given, where the model reads no tokens.</summary>
    public float[][] Given { get; }

    /// <summary>Type of each row's token.</summary>
    public int[] Types { get; }

    /// <summary>What an encoder gives, by name.</summary>
    public Dictionary<string, float[][]> Outputs { get; } = [];

    /// <summary>Rows whose logits are asked for; of an encoder the first of each text.</summary>
    public int[] LogitRows { get; }

    /// <summary>The experts of each token with their weights, ascending, as a buffer holds them.</summary>
    public Dictionary<int, (int Expert, float Weight)[][]> Routings { get; } = [];

    /// <summary>Writes every row of another buffer several times in a row.</summary>
    public void Repeat(int buffer, int from, int times)
    {
        if (IsQuantized(buffer))
            _quantized[buffer] = [.. Quantized(from).SelectMany(row => Enumerable.Repeat(row, times))];
        else
            _floats[buffer] = [.. Floats(from).SelectMany(row => Enumerable.Repeat(row, times))];
    }

    public bool IsQuantized(int buffer) => _plan.Buffers[buffer].IsQuantized;

    public float[][] Floats(int buffer) => _floats[buffer] ?? throw Unwritten(buffer);

    public QuantizedRow[] Quantized(int buffer) => _quantized[buffer] ?? throw Unwritten(buffer);

    /// <summary>Writes whole rows, quantized where the buffer is.</summary>
    public void Write(int buffer, float[][] rows)
    {
        if (IsQuantized(buffer))
            _quantized[buffer] = Array.ConvertAll(rows, row => new QuantizedRow(row, _plan.Buffers[buffer].Format));
        else
            _floats[buffer] = rows;
    }

    /// <summary>Combines columns of a float buffer with values; what was never written is 0.</summary>
    public void WriteColumns(int buffer, int column, float[][] values, Func<float, float, float> combine)
    {
        // What is there of other rows is of another use of the buffer.
        if (_floats[buffer] is not { } rows || rows.Length != values.Length)
            _floats[buffer] = rows = Array.ConvertAll(values, _ => new float[_plan.Buffers[buffer].Width]);
        for (var row = 0; row < values.Length; row++)
        {
            for (var i = 0; i < values[row].Length; i++)
                rows[row][column + i] = combine(rows[row][column + i], values[row][i]);
        }
    }

    /// <summary>What a buffer holds as floats: code * scale where it is quantized.</summary>
    public float[][] Values(int buffer) => IsQuantized(buffer)
        ? Array.ConvertAll(Quantized(buffer), row => row.Codes.Take(row.Length).Select((code, i) => code * row.Scales[i / QuantizedRow.BlockLength]).ToArray())
        : Floats(buffer);

    private InvalidOperationException Unwritten(int buffer) =>
        new($"The plan reads the buffer {_plan.Buffers[buffer].Name} before it writes it, or as the wrong kind.");
}
