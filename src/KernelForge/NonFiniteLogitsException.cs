namespace KernelForge;

/// <summary>
/// The logits of the next token are not finite numbers, so there is no next token. The session is as it was before the call; asked the same again it would fail the same.
/// </summary>
public sealed class NonFiniteLogitsException(string className, string? layer, int position) : ArithmeticException(
    $"The logits of {className} after token {position} of the session are not finite numbers. {Where(layer)} "
    + "Weights that are not finite or too large do that: kforge inspect names them; --activations float or --kv f32 tell whether a rounding is the cause.")
{
    /// <summary>The first layer that gave a value that is not finite, e.g. <c>Layer 3</c>; null where it was the head, or cannot be told.</summary>
    public string? Layer { get; } = layer;

    /// <summary>Position of the token, counted from 0, after which they were asked for; where a layer is named, of the first token that it spoiled.</summary>
    public int Position { get; } = position;

    internal static string Where(string? layer) =>
        layer is null ? "No layer before the head is known to have given values that are not finite." : $"The first values that are not finite come from '{layer}'.";
}
