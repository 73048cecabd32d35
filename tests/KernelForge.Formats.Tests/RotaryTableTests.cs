using KernelForge.Formats.Packing;
using KernelForge.Graphs;
using KernelForge.Reference.Numerics;

namespace KernelForge.Formats.Tests;

/// <summary>The packer's tables equal those of the reference interpreter, bit for bit, for every published scaling.</summary>
public class RotaryTableTests
{
    private static readonly double[] Factors = [1, 1.1, 1.5, 2, 3.25, 5, 7, 8];

    public static TheoryData<string> Scalings => [.. All.Keys];

    private static Dictionary<string, RotaryScaling> All { get; } = new(StringComparer.Ordinal)
    {
        ["default"] = new RotaryScaling.Default(),
        ["linear"] = new RotaryScaling.Linear(4),
        ["dynamic"] = new RotaryScaling.Dynamic(2.5, 100),
        ["yarn"] = new RotaryScaling.Yarn(16, 100, 1.2772588722239781, 32, 1, Truncate: true),
        ["yarn, bounds not rounded"] = new RotaryScaling.Yarn(8, 60, 1, 32, 1, Truncate: false),
        ["llama3"] = new RotaryScaling.Llama3(8, 1, 4, 64),
        ["per pair"] = new RotaryScaling.PerPair(Factors.ToEquatableArray(), default, null, null, 1000, 1),
        ["longrope"] = new RotaryScaling.PerPair(default, default, "short", "long", 130, 1.19),
    };

    [Theory]
    [MemberData(nameof(Scalings))]
    public void Table_equals_the_reference(string name)
    {
        var table = new RotaryTable(Factors.Length, 10_000, All[name]);
        var expected = RotaryAngles.Table(table, 300, tensor => Array.ConvertAll(Tensor(tensor), value => (float)value)).SelectMany(row => row).ToArray();
        var actual = new float[expected.Length];

        // In two pieces, as the packer does for long contexts.
        var split = 117 * 2 * table.Pairs;
        RotaryTables.Fill(table, Tensor, 0, actual.AsSpan(0, split));
        RotaryTables.Fill(table, Tensor, 117, actual.AsSpan(split));

        actual.ShouldBe(expected);
    }

    // Exact in binary32, as factors in a file are.
    private static double[] Tensor(string name) => [.. Factors.Select(factor => (double)(float)(name == "long" ? factor * 2 : factor))];
}
