using KernelForge.Formats.Decoding;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Quantization;

/// <summary>A tensor that is quantized row by row; rows that have not come yet are those of the source.</summary>
public sealed class QuantizedTensor
{
    private readonly WeightTensor _source;
    private readonly byte[] _bytes;
    private readonly bool[] _done;
    private readonly int _rowBytes;

    /// <summary>A tensor of which nothing is quantized yet.</summary>
    /// <param name="source">Floats, in rows of a multiple of 32.</param>
    /// <param name="type">Q4_0, Q4_1 or Q8_0.</param>
    /// <exception cref="ModelFormatException">It is too large to be held in memory as one piece.</exception>
    public QuantizedTensor(WeightTensor source, WeightType type)
    {
        (_source, Type) = (source, type);
        _rowBytes = source.Columns / BlockGrid.Length * BlockGrid.Bytes(type);
        if (source.Rows > Array.MaxLength / Math.Max(_rowBytes, source.Columns))
        {
            throw source.Error(
                $"a tensor of {source.Rows:N0} rows of {source.Columns:N0} values is larger than the {Array.MaxLength:N0} that are quantized at once",
                remedy: "Quantize this model with another tool.");
        }

        _bytes = new byte[(int)source.Rows * _rowBytes];
        _done = new bool[source.Rows];
    }

    /// <summary>How it is stored.</summary>
    public WeightType Type { get; }

    /// <summary>Its rows' blocks, one row after another.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Rows of all matrices in it.</summary>
    public int Rows => _done.Length;

    /// <summary>Values of a row.</summary>
    public int Columns => _source.Columns;

    /// <summary>What was changed so far.</summary>
    public QuantizationError Error { get; private set; }

    /// <summary>Bytes of a tensor of a type.</summary>
    public static long Length(WeightTensor source, WeightType type) => source.Rows * (source.Columns / BlockGrid.Length) * BlockGrid.Bytes(type);

    /// <summary>Quantizes those of some rows that are not quantized yet.</summary>
    /// <param name="rows">Their indices.</param>
    /// <param name="inputs">Of what they are multiplied with, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ModelFormatException">A weight is no number, or beyond what f16 can scale.</exception>
    public void Quantize(IEnumerable<int> rows, InputMoments? inputs, CancellationToken cancellation = default)
    {
        var missing = rows.Where(row => !_done[row]).ToArray();
        if (missing.Length == 0)
            return;
        var values = Array.ConvertAll(missing, row =>
        {
            var target = new float[Columns];
            _source.Decode(row, target);
            return target;
        });
        Error += Quantize(_source, Type, values, inputs, Array.ConvertAll(missing, row => _bytes.AsMemory(row * _rowBytes, _rowBytes)), cancellation);
        foreach (var row in missing)
            _done[row] = true;
    }

    /// <summary>The values of all rows.</summary>
    public float[] Values()
    {
        var values = new float[checked(Rows * Columns)];
        Parallel.For(0, Rows, row =>
        {
            var target = values.AsSpan(row * Columns, Columns);
            if (_done[row])
                TensorDecoder.Decode(Type, _bytes.AsSpan(row * _rowBytes, _rowBytes), target);
            else
                _source.Decode(row, target);
        });
        return values;
    }

    /// <summary>Quantizes rows of a tensor, which an error names.</summary>
    /// <exception cref="ModelFormatException">A weight is beyond what f16 can scale.</exception>
    internal static QuantizationError Quantize(WeightTensor source, WeightType type, float[][] rows, InputMoments? inputs, Memory<byte>[] outputs, CancellationToken cancellation)
    {
        try
        {
            return MatrixQuantizer.Quantize(type, rows, inputs, outputs, cancellation);
        }
        catch (AggregateException error) when (error.InnerException is OverflowException)
        {
            throw source.Error($"a weight is too large for {type}, whose scales are binary16", remedy: "No sound model has such weights: download it again.");
        }
    }
}
