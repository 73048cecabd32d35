namespace KernelForge.Graphs;

/// <summary>
/// after * convolution(before * value): each column for itself, over a token and the few before it (Liquid AI, 2025). Before the first token are zeros.
/// Inputs: before, after, value, each [tokens, width]; or one node that holds all three, one after another.
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">See <see cref="Node"/>.</param>
/// <param name="Inputs">Before, after, value.</param>
/// <param name="Taps">[width, taps], the token's own last.</param>
/// <param name="Bias">[1, width], or null.</param>
public sealed record ShortConvolutionNode(int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs, Weight Taps, Weight? Bias)
    : Node(Id, Name, Layer, Width, Inputs);
