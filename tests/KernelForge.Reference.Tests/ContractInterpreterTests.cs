using KernelForge.Compilation;
using KernelForge.Formats.Description;
using KernelForge.Plans;
using KernelForge.Reference.Contract;
using KernelForge.Reference.RandomModels;

namespace KernelForge.Reference.Tests;

/// <summary>What the contract promises, held by its interpreter; and the interpreter held near the float one.</summary>
public sealed class ContractInterpreterTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kernelforge-reference-");

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void FloatActivationsAgreeWithTheFloatInterpreter(int seed)
    {
        var model = RandomModel.Create(seed);
        var result = Compile(model, new PlanOptions(ActivationMode.Float, CacheFormat.F32));
        var tokens = model.Tokens(90);

        var actual = new ContractInterpreter(result.Plan!, model.Tensor).Forward(tokens);

        var expected = new FloatInterpreter(result.Graph!, name => model.Tensor(name).Decode()).Forward(tokens);
        Error(expected, actual).ShouldBeLessThan(1e-4, model.Shape.ToString());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Int8ActivationsStayNearTheFloatInterpreter(int seed)
    {
        var model = RandomModel.Create(seed);
        var result = Compile(model, new PlanOptions());
        var tokens = model.Tokens(20);

        var actual = new ContractInterpreter(result.Plan!, model.Tensor).Forward(tokens);

        var expected = new FloatInterpreter(result.Graph!, name => model.Tensor(name).Decode()).Forward(tokens);
        Error(expected, actual).ShouldBeLessThan(0.15, model.Shape.ToString());
    }

    [Theory]
    [InlineData(1, CacheFormat.F16)]
    [InlineData(2, CacheFormat.Int8)]
    [InlineData(3, CacheFormat.F32)]
    [InlineData(4, CacheFormat.Int8)]
    public void LogitsDependOnNothingButTheTokensBefore(int seed, CacheFormat format)
    {
        var model = RandomModel.Create(seed);
        var interpreter = new ContractInterpreter(Compile(model, new PlanOptions()).Plan!, model.Tensor);
        var tokens = model.Tokens(75);
        var whole = interpreter.Forward([new ReferenceRows(interpreter.NewSequence(format), tokens)]);

        var pieces = interpreter.NewSequence(format);
        var other = interpreter.NewSequence(format);
        var found = new List<float[]>();
        foreach (var piece in tokens.Chunk(31))
        {
            // Each piece shares its pass with a token of another sequence, which stands before it.
            found.AddRange(interpreter.Forward([new ReferenceRows(other, [0]), new ReferenceRows(pieces, piece)]).Skip(1));
        }

        Comparison.FirstBitDifference(whole, found).ShouldBeNull(model.Shape.ToString());
    }

    [Fact]
    public void ForkAndTruncateGoBackToTheSameLogits()
    {
        var model = RandomModel.Create(5);
        var interpreter = new ContractInterpreter(Compile(model, new PlanOptions()).Plan!, model.Tensor);
        var sequence = interpreter.NewSequence();
        interpreter.Forward([new ReferenceRows(sequence, [1, 2, 3])]);
        var fork = sequence.Fork();
        var expected = interpreter.Forward([new ReferenceRows(sequence, [4, 5])]);
        sequence.Truncate(3);

        var forked = interpreter.Forward([new ReferenceRows(fork, [4, 5])]);
        var again = interpreter.Forward([new ReferenceRows(sequence, [4, 5], AllLogits: false)]);

        Comparison.FirstBitDifference(expected, forked).ShouldBeNull();
        Comparison.FirstBitDifference(expected[1..], again).ShouldBeNull();
    }

    private PlanResult Compile(RandomModel model, PlanOptions options)
    {
        var result = PlanCompiler.Compile(Describer.Describe(model.Save(_directory.FullName)), options);
        result.Plan.ShouldNotBeNull($"{model.Shape}: {string.Join("; ", result.Problems)}");
        return result;
    }

    private static double Error(double[][] expected, float[][] actual) =>
        Comparison.Relative(expected.SelectMany(row => row), actual.SelectMany(row => row.Select(x => (double)x)));
}
