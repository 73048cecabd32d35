using KernelForge.Graphs;

namespace KernelForge.Reference;

/// <summary>What a caller gives a part of a graph, once: token ids, or rows of numbers.</summary>
public sealed record GivenRows(IReadOnlyList<int> Tokens, double[][] Rows);

/// <summary>Numbers [items, ...] as a caller gives them.</summary>
public sealed record GivenNumbers(IReadOnlyList<long> Shape, float[] Values);

/// <summary>What a caller gives a graph besides the tokens of its own part, by name. A part that is given several images computes each for itself.</summary>
public sealed class ModelInputs
{
    private readonly Dictionary<string, List<GivenRows>> _given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GivenNumbers> _numbers = new(StringComparer.Ordinal);

    /// <summary>Gives token ids.</summary>
    public ModelInputs Add(string name, IReadOnlyList<int> tokens)
    {
        _given[name] = [new GivenRows(tokens, [])];
        return this;
    }

    /// <summary>Gives numbers [items, ...], each item as <paramref name="input"/> says.</summary>
    /// <exception cref="ArgumentException">The shape is another one.</exception>
    public ModelInputs Add(GraphInput input, IReadOnlyList<long> shape, float[] values)
    {
        _numbers[input.Name] = new GivenNumbers(shape, values);
        var length = (int)shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        _given[input.Name] = [.. Enumerable.Range(0, (int)shape[0]).Select(item => new GivenRows([], Arrange(input, [.. shape.Skip(1)], values[(item * length)..((item + 1) * length)])))];
        return this;
    }

    /// <summary>Whether anything was given for an input.</summary>
    public bool Has(GraphInput input) => _given.ContainsKey(input.Name);

    /// <summary>The numbers that were given for an input, as they were.</summary>
    public GivenNumbers Numbers(GraphInput input) => _numbers[input.Name];

    /// <summary>The token ids that were given for an input.</summary>
    public int[] Tokens(GraphInput input) => [.. Of(input)[0].Tokens];

    /// <summary>The rows of each item that was given for an input.</summary>
    public float[][][] Rows(GraphInput input) => [.. Of(input).Select(item => Array.ConvertAll(item.Rows, row => Array.ConvertAll(row, x => (float)x)))];

    /// <summary>What was given for an input.</summary>
    /// <exception cref="ArgumentException">Nothing was.</exception>
    internal IReadOnlyList<GivenRows> Of(GraphInput input) =>
        _given.TryGetValue(input.Name, out var given) ? given : throw new ArgumentException($"The model reads {input.Name}, which is not given.", nameof(input));

    private static double[][] Arrange(GraphInput input, long[] shape, float[] values)
    {
        var rows = input switch
        {
            GraphInput.Rows states when shape.Length == 2 && shape[1] == states.Width => Rows((int)shape[0], states.Width, (row, i) => (row * states.Width) + i),
            GraphInput.Bands bands when shape.Length == 2 && shape[0] == bands.Width => Rows((int)shape[1], bands.Width, (row, i) => (i * (int)shape[1]) + row),
            GraphInput.Patches image when shape.Length == 3 && shape[0] == image.Channels && shape[1] / image.Patch == image.Side && shape[2] / image.Patch == image.Side => Rows(
                image.Most, image.Width, (row, i) => Pixel(image, row, i, (int)shape[1], (int)shape[2])),
            _ => throw new ArgumentException($"{input.Name} has the shape [{string.Join(", ", shape)}] of an item, which the model does not read.", nameof(shape)),
        };
        if (input is GraphInput.Bands && rows.Length != input.Most)
            throw new ArgumentException($"{input.Name} has {rows.Length} frames; the model hears exactly {input.Most}.", nameof(shape));
        return rows.Length <= input.Most ? rows : throw new ArgumentException($"{input.Name} has {rows.Length} rows; the model reads at most {input.Most}.", nameof(shape));

        double[][] Rows(int count, int width, Func<int, int, int> place) =>
            [.. Enumerable.Range(0, count).Select(row => Enumerable.Range(0, width).Select(i => (double)values[place(row, i)]).ToArray())];
    }

    private static int Pixel(GraphInput.Patches image, int row, int index, int height, int width)
    {
        var (channel, within) = (index / (image.Patch * image.Patch), index % (image.Patch * image.Patch));
        var y = (row / image.Side * image.Patch) + (within / image.Patch);
        var x = (row % image.Side * image.Patch) + (within % image.Patch);
        return (((channel * height) + y) * width) + x;
    }
}
