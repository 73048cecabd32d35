namespace KernelForge.Kernels;

/// <summary>
/// Chooses the experts of every token and sorts rows by expert (docs/numerics.md, "Mixture of experts"). One worker does it for all tokens; what it
/// leaves is a list of integers and floats of n = tokens * active each: ids by token and ascending, weights, rows among those sorted by expert, the token of
/// each sorted row, the experts used, where their rows start (n + 1), and how many are used.
/// </summary>
[KernelTemplate]
public static unsafe class Routing
{
    /// <summary>Routes all tokens.</summary>
    /// <param name="score">What logits become.</param>
    /// <param name="logits">Rows of one logit for each expert.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="correction">[experts] added for the choice, or null.</param>
    /// <param name="experts">Number of experts, at most 4,096.</param>
    /// <param name="active">Experts of a token.</param>
    /// <param name="groups">Groups of neighbouring experts; 1: none.</param>
    /// <param name="activeGroups">Groups that are chosen from.</param>
    /// <param name="groupScore">Largest scores whose sum is a group's, 1 or 2.</param>
    /// <param name="leastSum">Above 0: the weights are divided by their sum, or by this where that is less.</param>
    /// <param name="scale">Factor of the weights.</param>
    /// <param name="margin">Of a sparse mixer: how near is near.</param>
    /// <param name="routing">The result.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="scratch">Scratch of the worker.</param>
    public static void Run(
        [Constant] RouterScore score,
        byte* logits,
        nint stride,
        float* correction,
        nint experts,
        nint active,
        nint groups,
        nint activeGroups,
        nint groupScore,
        float leastSum,
        float scale,
        float margin,
        int* routing,
        nint tokens,
        byte* scratch)
    {
        var padded = (experts + 31) & ~(nint)31;
        var scores = (float*)scratch;
        var choosing = scores + padded;
        var taken = (int*)(choosing + padded);
        var n = tokens * active;
        for (nint token = 0; token < tokens; token++)
        {
            var ids = routing + (token * active);
            var weights = (float*)(routing + n) + (token * active);
            if (score == RouterScore.SparseMixer)
            {
                Mix((float*)(logits + (token * stride)), experts, active, margin, choosing, scores, taken);
            }
            else
            {
                Scores(score, (float*)(logits + (token * stride)), experts, scores);
                for (nint i = 0; i < experts; i++)
                    choosing[i] = correction == null ? scores[i] : scores[i] + correction[i];
                if (groups > 1)
                    Exclude(choosing, experts, groups, activeGroups, groupScore, taken);
                Take(choosing, experts, active, taken);
            }

            nint slot = 0;
            for (nint i = 0; i < experts; i++)
            {
                if (taken[i] != 0)
                {
                    ids[slot] = (int)i;
                    weights[slot] = scores[i];
                    slot++;
                }
            }

            Weigh(score, weights, active, leastSum, scale);
        }

        Sort(routing, n, active, experts, taken);
    }

    private static void Scores([Constant] RouterScore score, float* logits, nint experts, float* scores)
    {
        if (score == RouterScore.SoftmaxOfChosen)
        {
            for (nint i = 0; i < experts; i++)
                scores[i] = logits[i];
        }

        if (score == RouterScore.Sigmoid)
        {
            for (nint i = 0; i < experts; i += Simd.Width)
            {
                var e = Exponential.Exp(Simd.Negate(Simd.LoadPartial(logits + i, experts - i)));
                Simd.StorePartial(scores + i, Simd.Divide(Simd.Broadcast(1f), Simd.Add(Simd.Broadcast(1f), e)), experts - i);
            }
        }

        if (score == RouterScore.Softmax)
            Shares(logits, experts, scores);
    }

    /// <summary>Takes experts one after another; the score of one is its share among those not taken before whose logits are near its own.</summary>
    private static void Mix(float* x, nint experts, nint wanted, float margin, float* near, float* scores, int* taken)
    {
        for (nint i = 0; i < experts; i++)
            taken[i] = 0;
        for (nint k = 0; k < wanted; k++)
        {
            var best = Best(x, experts, taken);
            for (nint i = 0; i < experts; i++)
            {
                var size = MathF.Max(MathF.Abs(x[i]), x[best]);
                near[i] = taken[i] != 0 || (x[best] - x[i]) / size > margin ? float.NegativeInfinity : x[i];
            }

            Shares(near, experts, near);
            scores[best] = near[best];
            taken[best] = 1;
        }
    }

    /// <summary>The largest that is not taken; of equal ones that of lower index.</summary>
    private static nint Best(float* x, nint count, int* taken)
    {
        nint best = -1;
        for (nint i = 0; i < count; i++)
        {
            if (taken[i] == 0 && (best < 0 || x[i] > x[best]))
                best = i;
        }

        return best;
    }

    /// <summary>Shares of e^x, summed in sixteen lanes.</summary>
    private static void Shares(float* x, nint count, float* y)
    {
        var largest = Simd.Broadcast(Largest(x, count));
        var lanes = new Registers<FloatVector>(LaneSum.Vectors);
        foreach (var v in Unroll.Range(LaneSum.Vectors))
            lanes[v] = Simd.Zero();
        for (nint i = 0; i < count; i += 16)
        {
            foreach (var v in Unroll.Range(LaneSum.Vectors))
            {
                var rest = count - i - (v * Simd.Width);
                var at = y + i + (v * Simd.Width);
                Simd.StorePartial(at, Exponential.Exp(Simd.Subtract(Simd.LoadPartial(x + i + (v * Simd.Width), rest), largest)), rest);
                lanes[v] = Simd.Add(lanes[v], Simd.LoadPartial(at, rest));
            }
        }

        LaneSum.Fold(ref lanes);
        var sum = Simd.SumLanes(lanes[0]);
        for (nint i = 0; i < count; i++)
            y[i] /= sum;
    }

    private static float Largest(float* x, nint count)
    {
        var largest = x[0];
        for (nint i = 1; i < count; i++)
            largest = x[i] > largest ? x[i] : largest;
        return largest;
    }

    /// <summary>Marks the largest; of equal ones those of lower index.</summary>
    private static void Take(float* x, nint count, nint wanted, int* taken)
    {
        for (nint i = 0; i < count; i++)
            taken[i] = 0;
        for (nint k = 0; k < wanted; k++)
            taken[Best(x, count, taken)] = 1;
    }

    /// <summary>Takes those outside the best groups out of the choice.</summary>
    private static void Exclude(float* x, nint experts, nint groups, nint activeGroups, nint groupScore, int* taken)
    {
        var size = experts / groups;
        var sums = (float*)(taken + experts);
        for (nint group = 0; group < groups; group++)
            sums[group] = GroupScore(x + (group * size), size, groupScore);
        Take(sums, groups, activeGroups, taken);
        for (nint i = 0; i < experts; i++)
        {
            if (taken[i / size] == 0)
                x[i] = float.NegativeInfinity;
        }
    }

    private static float GroupScore(float* x, nint count, nint groupScore)
    {
        var first = float.NegativeInfinity;
        var second = float.NegativeInfinity;
        for (nint i = 0; i < count; i++)
        {
            if (x[i] > first)
            {
                second = first;
                first = x[i];
            }
            else if (x[i] > second)
            {
                second = x[i];
            }
        }

        return groupScore == 1 ? first : first + second;
    }

    private static void Weigh([Constant] RouterScore score, float* weights, nint active, float leastSum, float scale)
    {
        if (score == RouterScore.SoftmaxOfChosen)
            Shares(weights, active, weights);
        var divisor = 1f;
        if (leastSum > 0f)
        {
            var sum = 0f;
            for (nint i = 0; i < active; i++)
                sum += weights[i];
            divisor = sum > leastSum ? sum : leastSum;
        }

        for (nint i = 0; i < active; i++)
            weights[i] = weights[i] / divisor * scale;
    }

    private static void Sort(int* routing, nint n, nint active, nint experts, int* counts)
    {
        var rows = routing + (2 * n);
        var sources = routing + (3 * n);
        var used = routing + (4 * n);
        var starts = routing + (5 * n);
        for (nint i = 0; i < experts; i++)
            counts[i] = 0;
        for (nint i = 0; i < n; i++)
            counts[routing[i]]++;
        nint index = 0;
        var start = 0;
        for (nint i = 0; i < experts; i++)
        {
            var count = counts[i];
            if (count != 0)
            {
                used[index] = (int)i;
                starts[index] = start;
                index++;
                counts[i] = start;
                start += count;
            }
        }

        starts[index] = start;
        routing[(6 * n) + 1] = (int)index;
        for (nint i = 0; i < n; i++)
        {
            var row = counts[routing[i]];
            counts[routing[i]] = row + 1;
            rows[i] = row;
            sources[row] = (int)(i / active);
        }
    }
}
