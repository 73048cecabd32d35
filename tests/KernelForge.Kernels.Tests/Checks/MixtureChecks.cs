using KernelForge.Graphs;
using KernelForge.Plans;
using KernelForge.Reference.Contract;
using KernelForge.Reference.Numerics;

namespace KernelForge.Kernels.Tests.Checks;

/// <summary>Routing and the sums of experts against the scalar contract, bit for bit.</summary>
internal static class MixtureChecks
{
    public static void Route(KernelSet kernels)
    {
        var random = new Random(31);
        foreach (var score in Enum.GetValues<RoutingScore>())
        {
            Check(kernels, random, 8, 5, new Graphs.Routing(2, score), isCorrected: false);
            Check(kernels, random, 37, 3, new Graphs.Routing(37, score, LeastSum: 1e-20f, Scale: 2.5f), isCorrected: true);
            Check(kernels, random, 128, 20, new Graphs.Routing(8, score, LeastSum: 1e-20f), isCorrected: false);
            Check(kernels, random, 32, 9, new Graphs.Routing(3, score, Groups: 8, ActiveGroups: 2, GroupScore: 2, LeastSum: 1e-20f), isCorrected: true);
            Check(kernels, random, 12, 4, new Graphs.Routing(1, score, Groups: 3, ActiveGroups: 1), isCorrected: false);
            Check(kernels, random, 16, 30, new Graphs.Routing(3, score, Margin: 0.3f), isCorrected: false);
        }
    }

    public static void Sum(KernelSet kernels)
    {
        var random = new Random(32);
        foreach (var width in new[] { 1, 33, 64, 100 })
        {
            const int tokens = 5;
            const int active = 3;
            const int n = tokens * active;
            var x = Rows.Random(random, n, width);
            var places = Enumerable.Range(0, n).ToArray();
            random.Shuffle(places);
            var table = new int[(6 * n) + 2];
            for (var i = 0; i < n; i++)
            {
                table[n + i] = BitConverter.SingleToInt32Bits(random.NextSingle());
                table[(2 * n) + i] = places[i];
            }

            using var rows = Rows.Float(x);
            using var routing = NativeBuffer.Of<int>(table);
            foreach (var isWeighted in new[] { true, false })
            {
                using var sums = new NativeBuffer(tokens * Rows.FloatStride(width));
                kernels.Call("ExpertSum.Run", isWeighted, rows.Address, Rows.FloatStride(width), routing.Address, tokens, active, sums.Address, Rows.FloatStride(width), width, 1, tokens);
                for (var token = 0; token < tokens; token++)
                {
                    var expected = new float[width];
                    for (var slot = 0; slot < active && token > 0; slot++)
                    {
                        var i = (token * active) + slot;
                        for (var d = 0; d < width; d++)
                            expected[d] = MathF.FusedMultiplyAdd(isWeighted ? BitConverter.Int32BitsToSingle(table[n + i]) : 1f, x[places[i]][d], expected[d]);
                    }

                    Rows.ShouldEqual(sums.Span<float>(token * Rows.FloatStride(width), width), expected, $"{kernels.Kind} sum of experts, {width} values, token {token}");
                }
            }
        }
    }

    /// <summary>Rows times their experts' weights, each where the routing says, as they are or quantized.</summary>
    public static void Weigh(KernelSet kernels)
    {
        var random = new Random(34);
        const int tokens = 4;
        const int active = 2;
        const int n = tokens * active;
        foreach (var width in new[] { 1, 33, 64, 100 })
        {
            var x = Rows.Random(random, tokens, width);
            var places = Enumerable.Range(0, n).ToArray();
            random.Shuffle(places);
            var table = new int[(6 * n) + 2];
            for (var i = 0; i < n; i++)
                (table[n + i], table[(2 * n) + i]) = (BitConverter.SingleToInt32Bits(random.NextSingle()), places[i]);
            using var rows = Rows.Float(x);
            using var routing = NativeBuffer.Of<int>(table);
            foreach (var format in Enum.GetValues<ActivationFormat>())
            {
                var stride = format == ActivationFormat.Float ? Rows.FloatStride(width) : Rows.QuantizedStride(width, format);
                using var result = new NativeBuffer(n * stride);
                kernels.Call("ExpertSum.Weigh", (int)format, rows.Address, Rows.FloatStride(width), routing.Address, tokens, active, result.Address, stride, width, 0, 3);
                kernels.Call("ExpertSum.Weigh", (int)format, rows.Address, Rows.FloatStride(width), routing.Address, tokens, active, result.Address, stride, width, 3, tokens);
                for (var i = 0; i < n; i++)
                {
                    var expected = Array.ConvertAll(x[i / active], value => value * BitConverter.Int32BitsToSingle(table[n + i]));
                    var name = $"{kernels.Kind} weighted rows of {width} as {format}";
                    if (format == ActivationFormat.Float)
                        Rows.ShouldEqual(result.Span<float>(places[i] * stride, width), expected, name);
                    else
                        Rows.ShouldBeQuantized(result, places[i], width, new QuantizedRow(expected, format), name);
                }
            }
        }
    }

    public static void Gate(KernelSet kernels)
    {
        var random = new Random(33);
        foreach (var width in new[] { 1, 33, 64 })
        {
            var (x, gates) = (Rows.Random(random, 3, width), Rows.Random(random, 3, 1));
            using var values = Rows.Float(x);
            using var gate = Rows.Float(gates);
            using var result = new NativeBuffer(3 * Rows.FloatStride(width));
            kernels.Call("ExpertSum.Gate", values.Address, Rows.FloatStride(width), gate.Address, Rows.FloatStride(1), result.Address, Rows.FloatStride(width), width, 0, 3);
            for (var row = 0; row < 3; row++)
            {
                var factor = ContractRouting.Sigmoid(gates[row][0]);
                Rows.ShouldEqual(result.Span<float>(row * Rows.FloatStride(width), width), Array.ConvertAll(x[row], value => value * factor), $"{kernels.Kind} gated rows of {width}");
            }
        }
    }

    private static void Check(KernelSet kernels, Random random, int experts, int tokens, Graphs.Routing routing, bool isCorrected)
    {
        // Some logits are equal, so that ties count.
        var logits = Enumerable.Range(0, tokens).Select(_ => Enumerable.Range(0, experts).Select(_ => MathF.Round((random.NextSingle() - 0.5f) * 40) / 8).ToArray()).ToArray();
        var correction = isCorrected ? Enumerable.Range(0, experts).Select(_ => random.NextSingle() - 0.5f).ToArray() : null;
        var n = tokens * routing.Active;
        using var rows = Rows.Float(logits);
        using var corrections = NativeBuffer.Of<float>(correction ?? [0]);
        using var result = new NativeBuffer(((6 * n) + 2) * sizeof(int));
        using var scratch = new NativeBuffer(Runtime.KernelScratch.Bytes, fill: 0xFF);
        kernels.Call(
            "Routing.Run", (int)routing.Score, rows.Address, Rows.FloatStride(experts), isCorrected ? corrections.Address : (nint)0, experts, routing.Active,
            routing.Groups, routing.ActiveGroups, routing.GroupScore, routing.LeastSum, routing.Scale, routing.Margin, result.Address, tokens, scratch.Address);

        var found = result.Span<int>().ToArray();
        var expected = logits.SelectMany(row => ContractRouting.Choose(routing, row, correction)).ToArray();
        var name = $"{kernels.Kind} {routing} of {experts}";
        found[..n].ShouldBe(expected.Select(choice => choice.Expert), name);
        found[n..(2 * n)].ShouldBe(expected.Select(choice => BitConverter.SingleToInt32Bits(choice.Weight)), name);

        // Rows by expert, in each by token.
        var order = Enumerable.Range(0, n).OrderBy(i => expected[i].Expert).ThenBy(i => i).ToArray();
        for (var row = 0; row < n; row++)
        {
            found[(2 * n) + order[row]].ShouldBe(row, name);
            found[(3 * n) + row].ShouldBe(order[row] / routing.Active, name);
        }

        var used = expected.Select(choice => choice.Expert).Distinct().Order().ToArray();
        found[(6 * n) + 1].ShouldBe(used.Length, name);
        found.AsSpan(4 * n, used.Length).ToArray().ShouldBe(used, name);
        for (var i = 0; i <= used.Length; i++)
            found[(5 * n) + i].ShouldBe(i == used.Length ? n : Array.FindIndex(order, at => expected[at].Expert == used[i]), name);
    }
}
