using KernelForge.Runtime;

namespace KernelForge.Kernels;

/// <summary>
/// Products of query rows and positions, each a sum in sixteen lanes: both lie along their rows, so neither has to be turned. Some rows meet some positions
/// in registers.
/// </summary>
[KernelTemplate]
public static unsafe class LatentScores
{
    /// <summary>Rows, and positions, whose sums fit the registers.</summary>
    public const int Side = Simd.Width == 16 ? 4 : 2;

    /// <summary>scores[rows, 64] of the first <paramref name="count"/> positions.</summary>
    /// <param name="rows">Query rows.</param>
    /// <param name="length">Floats of a row: a multiple of 16.</param>
    /// <param name="queries">[rows, length].</param>
    /// <param name="keys">[64, length].</param>
    /// <param name="count">Positions.</param>
    /// <param name="scores">Results.</param>
    public static void Run([Constant] int rows, [Constant] int length, float* queries, float* keys, nint count, float* scores)
    {
        foreach (var r in Unroll.Range((rows + Side - 1) / Side))
        {
            nint p = 0;
            for (; p + Side <= count; p += Side)
                Few(rows - (r * Side) < Side ? rows - (r * Side) : Side, Side, length, queries + (r * Side * length), keys + (p * length), scores + (r * Side * CachePages.Positions) + p);
            for (; p < count; p++)
                Few(rows - (r * Side) < Side ? rows - (r * Side) : Side, 1, length, queries + (r * Side * length), keys + (p * length), scores + (r * Side * CachePages.Positions) + p);
        }
    }

    private static void Few([Constant] int rows, [Constant] int positions, [Constant] int length, float* queries, float* keys, float* scores)
    {
        var sums = new Registers<FloatVector>(rows * positions * LaneSum.Vectors);
        foreach (var i in Unroll.Range(rows * positions * LaneSum.Vectors))
            sums[i] = Simd.Zero();
        for (nint d = 0; d < length; d += 16)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var key = new Registers<FloatVector>(positions);
                foreach (var p in Unroll.Range(positions))
                    key[p] = Simd.Load(keys + (p * length) + d + (v * Simd.Width));
                foreach (var r in Unroll.Range(rows))
                {
                    var query = Simd.Load(queries + (r * length) + d + (v * Simd.Width));
                    foreach (var p in Unroll.Range(positions))
                        sums[(((r * positions) + p) * LaneSum.Vectors) + v] = Simd.MultiplyAdd(query, key[p], sums[(((r * positions) + p) * LaneSum.Vectors) + v]);
                }
            }
        }

        foreach (var i in Unroll.Range(rows * positions))
        {
            var lanes = new Registers<FloatVector>(LaneSum.Vectors);
            foreach (var v in Unroll.Range(LaneSum.Vectors))
                lanes[v] = sums[(i * LaneSum.Vectors) + v];
            LaneSum.Fold(ref lanes);
            scores[(i / positions * CachePages.Positions) + (i % positions)] = Simd.SumLanes(lanes[0]);
        }
    }
}
