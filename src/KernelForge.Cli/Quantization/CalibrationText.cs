using KernelForge.Formats.Description;
using KernelForge.Graphs;
using KernelForge.Text;

namespace KernelForge.Cli.Quantization;

/// <summary>Tokens of a text: those whose inputs are looked at, and those after them, a fifth of all, on which the loss is measured.</summary>
/// <param name="Calibration">The first ones.</param>
/// <param name="HeldOut">Those after them.</param>
internal sealed record CalibrationText(int[] Calibration, int[] HeldOut)
{
    private const int FewestHeldOut = 8;

    /// <summary>Encodes a text.</summary>
    /// <param name="model">Whose tokenizer is used.</param>
    /// <param name="graph">Whose context neither part exceeds.</param>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Of calibration, at most.</param>
    /// <exception cref="UserException">The model has no tokenizer, or the text is too short.</exception>
    public static unsafe CalibrationText Encode(ModelFile model, ModelGraph graph, string text, int tokens)
    {
        var section = model.Tokenizer() ?? throw new UserException($"{model.Weights.Path}: the model has no tokenizer, which --calibrate needs.");
        int[] ids;
        fixed (byte* tables = section)
            ids = new Tokenizer(tables, section.Length).Encode(text);
        var count = Math.Min(Math.Min(tokens, graph.Context), ids.Length * 4 / 5);
        var heldOut = Math.Min(ids.Length - count, Math.Max(FewestHeldOut, count / 4));
        if (heldOut < FewestHeldOut)
            throw new UserException($"--calibrate: the text has {ids.Length} tokens; {5 * FewestHeldOut} are the fewest from which anything can be learnt, and thousands are better.");
        if (Array.FindIndex(ids, 0, count + heldOut, id => id >= graph.Vocabulary) is >= 0 and var bad)
            throw new UserException($"{model.Weights.Path}: the tokenizer gives token {ids[bad]} and the vocabulary ends at {graph.Vocabulary - 1}.");
        return new CalibrationText(ids[..count], ids[count..(count + heldOut)]);
    }
}
