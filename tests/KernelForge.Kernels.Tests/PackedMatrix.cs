using KernelForge.Plans;
using KernelForge.Reference.Numerics;

namespace KernelForge.Kernels.Tests;

/// <summary>A random matrix, as numbers and as packed bytes (docs/packed-format.md).</summary>
internal sealed class PackedMatrix
{
    private readonly Random random;
    private readonly byte[] codes; // [Rows padded, Columns padded]
    private readonly float[] scales; // [Rows padded, blocks]
    private readonly float[] minima;
    private readonly float[] values; // [Rows padded, Columns padded] of float layouts

    /// <param name="random">Decides every number.</param>
    /// <param name="layout">How it is packed.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="extreme">All codes of a row are the largest, or all the least.</param>
    public PackedMatrix(Random random, WeightLayout layout, int rows, int columns, bool extreme = false)
    {
        this.random = random;
        (Layout, Rows, Columns) = (layout, rows, columns);
        Tiles = (rows + 31) / 32;
        Units = (columns + 31) / 32;
        var size = Tiles * 32 * Units * 32;
        codes = new byte[size];
        values = new float[size];
        scales = new float[Tiles * 32 * Units];
        minima = new float[Tiles * 32 * Units];
        Fill();
        for (var i = 0; extreme && i < size; i++)
            codes[i] = i / (Units * 32) % 3 == 2 ? (byte)0 : Layout == WeightLayout.Int8 ? (byte)255 : (byte)15;
    }

    public WeightLayout Layout { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int Tiles { get; }

    public int Units { get; }

    public byte[] Pack()
    {
        var unitBytes = PackedUnit.Bytes(Layout);
        var bytes = new byte[Tiles * Units * unitBytes];
        for (var tile = 0; tile < Tiles; tile++)
        {
            for (var unit = 0; unit < Units; unit++)
                PackUnit(bytes.AsSpan(((tile * Units) + unit) * unitBytes, unitBytes), tile * 32, unit);
        }

        return bytes;
    }

    /// <summary>A row's exact float32 values.</summary>
    public float[] Row(int row)
    {
        var result = new float[Columns];
        for (var column = 0; column < Columns; column++)
        {
            var at = (row * Units * 32) + column;
            var block = (row * Units) + (column / 32);
            result[column] = Layout switch
            {
                WeightLayout.Int4 => (codes[at] - 8) * scales[block],
                WeightLayout.Int4Minimum => MathF.FusedMultiplyAdd(codes[at], scales[block], minima[block]),
                WeightLayout.Int8 => (codes[at] - 128) * scales[block],
                _ => values[at],
            };
        }

        return result;
    }

    /// <summary>What the contract says a row times a quantized token is.</summary>
    public float Times(int row, QuantizedRow token) => DotProduct.Quantized(
        (PackedLayout)(int)Layout,
        codes.AsSpan(row * Units * 32, Units * 32),
        scales.AsSpan(row * Units, Units),
        Layout == WeightLayout.Int4Minimum ? minima.AsSpan(row * Units, Units) : [],
        token);

    private void Fill()
    {
        for (var row = 0; row < Tiles * 32; row++)
        {
            var real = row < Rows;
            for (var block = 0; block < Units; block++)
            {
                scales[(row * Units) + block] = real ? (float)(Half)((random.NextSingle() - 0.3f) / 16) : 0;
                minima[(row * Units) + block] = real ? (float)(Half)(random.NextSingle() - 0.5f) : 0;
            }

            for (var column = 0; column < Units * 32; column++)
            {
                var inside = real && column < Columns;
                var extreme = random.Next(4) == 0; // the ends of the range come often enough to overflow what could overflow
                codes[(row * Units * 32) + column] = Layout switch
                {
                    WeightLayout.Int8 => inside ? extreme ? (byte)(random.Next(2) * 255) : (byte)random.Next(256) : (byte)128,
                    _ => inside ? extreme ? (byte)15 : (byte)random.Next(16) : (byte)8,
                };
                var value = inside ? random.NextSingle() - 0.5f : 0;
                values[(row * Units * 32) + column] = Layout switch
                {
                    WeightLayout.Float16 => (float)(Half)(random.Next(8) == 0 ? value / 10000 : value),
                    WeightLayout.BFloat16 => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) & -65536),
                    _ => value,
                };
            }
        }
    }

    private void PackUnit(Span<byte> unit, int firstRow, int block)
    {
        var header = PackedUnit.HeaderBytes(Layout);
        for (var r = 0; r < 32; r++)
        {
            var row = firstRow + r;
            if (PackedUnit.IsQuantized(Layout))
                BitConverter.TryWriteBytes(unit[(2 * r)..], (Half)scales[(row * Units) + block]);
            if (Layout == WeightLayout.Int4Minimum)
                BitConverter.TryWriteBytes(unit[(64 + (2 * r))..], (Half)minima[(row * Units) + block]);
            for (var c = 0; c < 32; c++)
            {
                var at = (row * Units * 32) + (block * 32) + c;
                switch (Layout)
                {
                    case WeightLayout.Int4 or WeightLayout.Int4Minimum:
                        unit[header + (c / 4 * 64) + (r % 16 * 4) + (c % 4)] |= (byte)(codes[at] << (r < 16 ? 0 : 4));
                        break;
                    case WeightLayout.Int8:
                        unit[header + (c / 4 * 128) + (r * 4) + (c % 4)] = codes[at];
                        break;
                    case WeightLayout.Float32:
                        BitConverter.TryWriteBytes(unit[(4 * ((c * 32) + r))..], values[at]);
                        break;
                    case WeightLayout.Float16:
                        BitConverter.TryWriteBytes(unit[(2 * ((c * 32) + r))..], (Half)values[at]);
                        break;
                    default:
                        BitConverter.TryWriteBytes(unit[(2 * ((c * 32) + r))..], (ushort)(BitConverter.SingleToInt32Bits(values[at]) >> 16));
                        break;
                }
            }
        }
    }
}
