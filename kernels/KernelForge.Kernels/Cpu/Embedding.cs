namespace KernelForge.Kernels;

/// <summary>Embedding lookup in packed tiles, so that a table tied to the head is stored once.</summary>
[KernelTemplate]
public static unsafe class Embedding
{
    /// <summary>Rows of tokens <paramref name="first"/> to <paramref name="last"/> - 1: the exact float32 values of the table's weights, times a factor.</summary>
    /// <param name="layout">Any matrix layout.</param>
    /// <param name="table">The packed matrix.</param>
    /// <param name="columns">Columns of the table, not padded.</param>
    /// <param name="tokens">[tokens] ids, all inside the vocabulary.</param>
    /// <param name="first">First token.</param>
    /// <param name="last">Token after the last.</param>
    /// <param name="x">Output rows.</param>
    /// <param name="xStride">Bytes from one row to the next.</param>
    /// <param name="factor">Of every value.</param>
    public static void Gather([Constant] WeightLayout layout, byte* table, nint columns, int* tokens, nint first, nint last, byte* x, nint xStride, float factor)
    {
        var tileBytes = (columns + 31) / 32 * PackedUnit.Bytes(layout);
        for (var token = first; token < last; token++)
        {
            nint id = tokens[token];
            var tile = table + (id / PackedUnit.Length * tileBytes);
            var row = id % PackedUnit.Length;
            var to = (float*)(x + (token * xStride));
            for (nint column = 0; column < columns; column++)
            {
                var unit = tile + (column / PackedUnit.Length * PackedUnit.Bytes(layout));
                to[column] = PackedNumber.Weight(layout, unit, row, column % PackedUnit.Length) * factor;
            }
        }
    }
}
