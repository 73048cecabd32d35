namespace KernelForge;

/// <summary>What an encoder made of its input are no finite numbers: nothing was given out.</summary>
public sealed class NonFiniteStatesException(string className, string? layer) : ArithmeticException(
    $"What {className} computed are not finite numbers. {NonFiniteLogitsException.Where(layer)} Weights that are not finite or too large do that: kforge inspect names them.")
{
    /// <summary>The first layer that gave a value that is not finite, e.g. <c>Layer 3</c>; null where it cannot be told.</summary>
    public string? Layer { get; } = layer;
}
