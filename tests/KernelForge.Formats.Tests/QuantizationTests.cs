using KernelForge.Formats.Decoding;
using KernelForge.Formats.Quantization;
using KernelForge.Formats.Weights;

namespace KernelForge.Formats.Tests;

/// <summary>Scale search, error feedback and the choice of types, on matrices drawn from seeds.</summary>
public class QuantizationTests
{
    private const int Block = 32;

    public static TheoryData<WeightType> Types => new() { WeightType.Q4_0, WeightType.Q4_1, WeightType.Q8_0 };

    [Theory]
    [MemberData(nameof(Types))]
    public void No_block_is_worse_than_plain_rounding(WeightType type)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (scale, shift) = (Math.Pow(10, random.Next(-4, 4)), random.Next(3) == 0 ? 3 * random.NextDouble() : 0);
            var values = Draw(random, Block).Select(value => (float)(scale * (shift + (random.Next(20) == 0 ? 10 * value : value)))).ToArray();
            var importance = Draw(random, Block).Select(value => random.Next(4) == 0 ? 0 : value * value).ToArray();
            ScaleSearch.Fit(type, values, importance).Error(values, importance)
                .ShouldBeLessThanOrEqualTo(ScaleSearch.Plain(type, values).Error(values, importance), $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(WeightType.Q4_0, 0.97)]
    [InlineData(WeightType.Q4_1, 0.97)]
    [InlineData(WeightType.Q8_0, 1.0)]
    public void The_search_takes_off_error(WeightType type, double most)
    {
        var (found, plain) = (0.0, 0.0);
        for (var seed = 0; seed < 200; seed++)
        {
            var values = Draw(new Random(seed), Block);
            var ones = Enumerable.Repeat(1f, Block).ToArray();
            found += ScaleSearch.Fit(type, values, ones).Error(values, ones);
            plain += ScaleSearch.Plain(type, values).Error(values, ones);
        }

        (found / plain).ShouldBeLessThan(most);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_tensor_beyond_what_is_held_at_once_is_named(WeightType type) =>
        Should.Throw<ModelFormatException>(() => new QuantizedTensor(new Large(), type)).Message.ShouldContain("large.weight");

    [Theory]
    [MemberData(nameof(Types))]
    public void Blocks_of_zeros_and_of_one_value_are_exact(WeightType type)
    {
        foreach (var value in new[] { 0f, 1f, -2f })
        {
            var rows = new[] { Enumerable.Repeat(value, Block).ToArray() };
            Quantize(type, rows, null).Rows[0].ShouldAllBe(found => Math.Abs(found - value) <= 1e-3 * Math.Abs(value));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Feedback_beats_rounding_where_inputs_are_correlated(WeightType type)
    {
        var random = new Random(7);
        var (inputs, rows) = (Correlated(random, tokens: 300, width: 96), Rows(random, 40, 96));
        var moments = new InputMoments(inputs);
        var fed = Quantize(type, rows, moments);
        var rounded = Quantize(type, rows, null);
        var (fedError, roundedError) = (OutputError(rows, fed.Rows, inputs), OutputError(rows, rounded.Rows, inputs));
        fedError.ShouldBeLessThan(0.7 * roundedError);

        // What is reported is what a product with the inputs shows, but for the damping.
        fed.Error.OfOutputs!.Value.ShouldBe(Math.Sqrt(fedError / OutputError(rows, Array.ConvertAll(rows, row => new float[row.Length]), inputs)), 0.2 * fed.Error.OfOutputs.Value);
    }

    [Fact]
    public void Tokens_fewer_than_columns_and_columns_that_are_never_used_are_no_obstacle()
    {
        var random = new Random(3);
        var inputs = Correlated(random, tokens: 5, width: 64);
        foreach (var input in inputs)
            input.AsSpan(10, 20).Clear();
        var rows = Rows(random, 20, 64);
        var fed = Quantize(WeightType.Q4_0, rows, new InputMoments(inputs));
        fed.Rows.SelectMany(row => row).ShouldAllBe(value => float.IsFinite(value));
        OutputError(rows, fed.Rows, inputs).ShouldBeLessThan(OutputError(rows, Quantize(WeightType.Q4_0, rows, null).Rows, inputs));
        Quantize(WeightType.Q4_0, rows, new InputMoments([new double[64]])).Rows.SelectMany(row => row).ShouldAllBe(value => float.IsFinite(value));
    }

    [Fact]
    public void A_scale_beyond_f16_is_refused() =>
        Should.Throw<AggregateException>(() => Quantize(WeightType.Q4_0, [Enumerable.Repeat(3e6f, Block).ToArray()], null)).InnerException.ShouldBeOfType<OverflowException>();

    [Fact]
    public void A_budget_is_kept_and_spent_where_it_takes_off_most()
    {
        var units = Enumerable.Range(1, 8).Select(i => new TensorUnit(
            [$"t{i}"], [new(WeightType.Q4_0, 0.01 * i, 100), new(WeightType.Q8_0, 0.0001 * i, 180), new(null, 0, 360)], Preferred: 0)).ToArray();
        var allocation = new BitAllocation(units, otherBytes: 50);
        allocation.Within(849).ShouldBeNull();
        var previous = double.PositiveInfinity;
        for (var budget = 850L; budget < 3100; budget += 37)
        {
            var choice = allocation.Upgrades(allocation.Within(budget)!, budget)[^1];
            allocation.Size(choice).ShouldBeLessThanOrEqualTo(budget);
            var error = units.Select((unit, i) => unit.Levels[choice[i]].Error).Sum();
            error.ShouldBeLessThanOrEqualTo(previous + 1e-12);
            previous = error;
        }

        previous.ShouldBe(0);
        allocation.Upgrades(allocation.Within(930)!, 930)[^1].ShouldBe([0, 0, 0, 0, 0, 0, 0, 1]);
    }

    [Fact]
    public void A_budget_below_the_preferred_choice_takes_bytes_where_it_costs_least()
    {
        var units = new TensorUnit[] { new(["a"], [new(WeightType.Q4_0, 0.5, 100), new(WeightType.Q8_0, 0.1, 200)], 1), new(["b"], [new(WeightType.Q4_0, 0.2, 100), new(WeightType.Q8_0, 0.1, 200)], 1) };
        new BitAllocation(units, 0).Within(399)!.ShouldBe([1, 0]);
    }

    private static (float[][] Rows, QuantizationError Error) Quantize(WeightType type, float[][] rows, InputMoments? inputs)
    {
        var bytes = Array.ConvertAll(rows, row => new byte[row.Length / Block * BlockGrid.Bytes(type)].AsMemory());
        var error = MatrixQuantizer.Quantize(type, rows, inputs, bytes);
        return (rows.Zip(bytes, (row, blocks) =>
        {
            var values = new float[row.Length];
            TensorDecoder.Decode(type, blocks.Span, values);
            return values;
        }).ToArray(), error);
    }

    private static double OutputError(float[][] rows, float[][] quantized, double[][] inputs) => rows.Zip(quantized).Sum(pair =>
        inputs.Sum(input => Math.Pow(pair.First.Zip(pair.Second, (a, b) => (double)a - b).Zip(input, (difference, x) => difference * x).Sum(), 2)));

    // A few directions carry most of the inputs, as in a language model.
    private static double[][] Correlated(Random random, int tokens, int width)
    {
        var directions = Rows(random, 8, width);
        return [.. Enumerable.Range(0, tokens).Select(_ =>
        {
            var factors = Draw(random, directions.Length);
            return Enumerable.Range(0, width).Select(i => directions.Zip(factors, (direction, factor) => (double)direction[i] * factor).Sum() + (0.1 * random.NextDouble())).ToArray();
        })];
    }

    private static float[][] Rows(Random random, int count, int width) => [.. Enumerable.Range(0, count).Select(_ => Draw(random, width))];

    // Normally distributed, by the sum of twelve.
    private static float[] Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6))];

    private sealed class Large() : WeightTensor("model.gguf", "large.weight", "F16", WeightType.F16, 1L << 27, Block)
    {
        public override bool IsConverted => false;

        public override void Decode(long row, Span<float> values) => throw new NotSupportedException();

        public override ReadOnlySpan<byte> Row(long row, Span<byte> scratch) => throw new NotSupportedException();
    }
}
