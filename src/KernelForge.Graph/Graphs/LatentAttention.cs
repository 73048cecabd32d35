namespace KernelForge.Graphs;

/// <summary>
/// Multi-head latent attention (DeepSeek-AI, 2024): keys and values of all heads are matrices over one short latent row of a token, and a rotated row
/// joins the keys of all heads. Inputs: queries [tokens, heads * (plainSize + rotatedSize)], latents [tokens, rank], rotated keys [tokens, rotatedSize],
/// not yet rotated. A cache needs the latent and the rotated key of a token only.
/// </summary>
/// <param name="Id">See <see cref="Node"/>.</param>
/// <param name="Name">See <see cref="Node"/>.</param>
/// <param name="Layer">See <see cref="Node"/>.</param>
/// <param name="Width">heads * valueSize.</param>
/// <param name="Inputs">Queries, latents, rotated keys.</param>
/// <param name="Heads">Query, key and value heads.</param>
/// <param name="PlainSize">Values of a query and a key that are not rotated; they come first.</param>
/// <param name="RotatedSize">Values of a query and a key that are.</param>
/// <param name="ValueSize">Values of a value head.</param>
/// <param name="Keys">[heads * plainSize, rank].</param>
/// <param name="Values">[heads * valueSize, rank].</param>
/// <param name="Scale">Factor of the scores.</param>
/// <param name="Rotary">Index of the rotary table.</param>
/// <param name="AdjacentPairs">Rotary pairs are neighbours (2i, 2i + 1); otherwise halves (i, i + pairs).</param>
public sealed record LatentAttentionNode(
    int Id, string Name, int Layer, int Width, EquatableArray<int> Inputs,
    int Heads, int PlainSize, int RotatedSize, int ValueSize, LinearPart Keys, LinearPart Values, float Scale, int Rotary, bool AdjacentPairs)
    : Node(Id, Name, Layer, Width, Inputs);
