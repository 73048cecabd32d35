using KernelForge.Formats.Decoding;

namespace KernelForge.Formats.Weights;

/// <summary>One matrix or vector of a model, whatever kind of file holds it and however it is stored there. Thread-safe.</summary>
/// <param name="file">Path, for errors.</param>
/// <param name="name">As the manifest has it.</param>
/// <param name="storage">How it is stored, in a person's words: <c>Q4_K</c>, <c>GPTQ 4-bit</c>.</param>
/// <param name="runType">The type that it is run as.</param>
/// <param name="rows">1 for a vector.</param>
/// <param name="columns">Values of a row.</param>
public abstract class WeightTensor(string file, string name, string storage, WeightType runType, long rows, int columns)
{
    /// <summary>As the manifest has it.</summary>
    public string Name => name;

    /// <summary>How it is stored, in a person's words.</summary>
    public string Storage => storage;

    /// <summary>The type that it is run as.</summary>
    public WeightType RunType => runType;

    /// <summary>1 for a vector.</summary>
    public long Rows => rows;

    /// <summary>Values of a row.</summary>
    public int Columns => columns;

    /// <summary>Whether it is stored in another way than it is run.</summary>
    public abstract bool IsConverted { get; }

    /// <summary>Bytes of a row of <see cref="RunType"/>.</summary>
    public int RunBytes => TensorDecoder.Find((int)runType) is { } decoder ? columns / decoder.BlockValues * decoder.BlockBytes : 0;

    /// <summary>The float32 values that a row stands for, exactly.</summary>
    /// <exception cref="ModelFormatException">One is infinite or not a number.</exception>
    public abstract void Decode(long row, Span<float> values);

    /// <summary>A row as <see cref="RunType"/>: the file's own bytes, or what <paramref name="scratch"/> (of <see cref="RunBytes"/>) holds afterwards.</summary>
    /// <exception cref="ModelFormatException">A value or scale is infinite, not a number, or beyond what the type can hold.</exception>
    public abstract ReadOnlySpan<byte> Row(long row, Span<byte> scratch);

    /// <summary>An error about this tensor.</summary>
    protected internal ModelFormatException Error(string problem, long offset = -1, string? remedy = null) => new(file, problem, name, offset, remedy);

    /// <summary>The error about a row with a value that is no number.</summary>
    protected ModelFormatException NotFinite(long offset = -1) => Error("a weight or scale in this row is infinite or not a number", offset);

    /// <summary>The error about a row whose numbers are too large for <see cref="RunType"/>.</summary>
    protected ModelFormatException TooLarge(long row, long offset = -1) => Error(
        $"row {row} holds a weight or scale beyond the range of binary16 ({Half.MaxValue}), which {storage} is converted to", offset,
        "No sound model has such weights: download or quantize it again, or use one of F32.");
}
