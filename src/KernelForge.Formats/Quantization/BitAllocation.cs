namespace KernelForge.Formats.Quantization;

/// <summary>A way to store some tensors.</summary>
/// <param name="Type">A quantized type, or null: as they are.</param>
/// <param name="Error">The share of the signal that is lost.</param>
/// <param name="Bytes">Of all these tensors.</param>
public sealed record StorageLevel(WeightType? Type, double Error, long Bytes);

/// <summary>Tensors that are stored alike, because what reads one reads all of them at once.</summary>
/// <param name="Tensors">Names.</param>
/// <param name="Levels">From the fewest bytes to the most.</param>
/// <param name="Preferred">The level where no budget asks for another.</param>
public sealed record TensorUnit(IReadOnlyList<string> Tensors, IReadOnlyList<StorageLevel> Levels, int Preferred);

/// <summary>Spends a budget of bytes where it takes off most error: greedily by error per byte. A choice is one level for each unit.</summary>
/// <param name="units">What there is to choose for.</param>
/// <param name="otherBytes">Bytes of the output besides the units'.</param>
public sealed class BitAllocation(IReadOnlyList<TensorUnit> units, long otherBytes)
{
    /// <summary>The choice without a budget.</summary>
    public int[] Preferred => [.. units.Select(unit => unit.Preferred)];

    /// <summary>The smallest choice.</summary>
    public int[] Smallest => new int[units.Count];

    /// <summary>Bytes of the whole output for a choice.</summary>
    public long Size(IReadOnlyList<int> choice) => otherBytes + units.Select((unit, i) => unit.Levels[choice[i]].Bytes).Sum();

    /// <summary>
    /// The preferred choice, made smaller by the steps that cost least error per byte until it fits. Null: even the smallest does not.
    /// </summary>
    /// <param name="budget">Bytes of the output at most.</param>
    public int[]? Within(long budget)
    {
        if (Size(Smallest) > budget)
            return null;
        var choice = Preferred;
        while (Size(choice) > budget)
        {
            var (unit, level) = Moves(choice, down: true).MinBy(move => Added(choice, move).Error / -Added(choice, move).Bytes);
            choice[unit] = level;
        }

        return choice;
    }

    /// <summary>Larger and larger choices: each step takes off most error per byte of those that fit. The first is <paramref name="choice"/> itself.</summary>
    /// <param name="choice">Where to begin.</param>
    /// <param name="budget">Bytes of the output at most.</param>
    public IReadOnlyList<int[]> Upgrades(int[] choice, long budget)
    {
        var steps = new List<int[]> { choice };
        while (true)
        {
            var current = steps[^1];
            var moves = Moves(current, down: false).Where(move => Added(current, move).Error < 0)
                .OrderBy(move => Added(current, move).Error / Added(current, move).Bytes);
            var next = moves.Select(move => With(current, move)).FirstOrDefault(moved => Size(moved) <= budget);
            if (next is null)
                return steps;
            steps.Add(next);
        }
    }

    private IEnumerable<(int Unit, int Level)> Moves(int[] choice, bool down) =>
        from unit in Enumerable.Range(0, units.Count)
        from level in Enumerable.Range(0, units[unit].Levels.Count)
        where down ? level < choice[unit] : level > choice[unit]
        select (unit, level);

    private (double Error, long Bytes) Added(int[] choice, (int Unit, int Level) move)
    {
        var (from, to) = (units[move.Unit].Levels[choice[move.Unit]], units[move.Unit].Levels[move.Level]);
        return (to.Error - from.Error, to.Bytes - from.Bytes);
    }

    private static int[] With(int[] choice, (int Unit, int Level) move)
    {
        var moved = (int[])choice.Clone();
        moved[move.Unit] = move.Level;
        return moved;
    }
}
