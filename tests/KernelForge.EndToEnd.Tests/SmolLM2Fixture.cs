namespace KernelForge.EndToEnd.Tests;

/// <summary>The embedded model, compiled once for all tests of the collection, and the contract's logits of a short prompt.</summary>
public class SmolLM2Fixture : IDisposable
{
    private readonly Lazy<float[][]> _expected;

    /// <summary>Compiles for this processor only, which is what most tests need.</summary>
    public SmolLM2Fixture()
        : this(Runtime.InstructionSets.Selected.ToString())
    {
    }

    /// <summary>Compiles for some instruction sets, or for all where none is named.</summary>
    protected SmolLM2Fixture(params string[] instructionSets)
    {
        Model = new CompiledModel(Repository.SmolLM2, Plans.ActivationMode.Int12, instructionSets);
        _expected = new(() => Model.Expected(Prompt));
    }

    /// <summary>The embedded model.</summary>
    internal CompiledModel Model { get; }

    /// <summary>"&lt;|im_start|>system ... What is the capital of France? ...", the first chat of the reference.</summary>
    internal static int[] Prompt { get; } =
        [1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411];

    /// <summary>The contract's logits after each token of <see cref="Prompt"/>.</summary>
    internal float[][] Expected => _expected.Value;

    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The embedded model compiled for every instruction set.</summary>
public sealed class PortableSmolLM2Fixture : SmolLM2Fixture
{
    public PortableSmolLM2Fixture()
        : base([])
    {
    }
}

[CollectionDefinition(Name)]
public sealed class SmolLM2Collection : ICollectionFixture<SmolLM2Fixture>
{
    public const string Name = "SmolLM2";
}
