using System.Globalization;

namespace KernelForge.Formats.Conversion;

/// <summary>What was converted from one type to another.</summary>
/// <param name="From">How the file stores the tensors.</param>
/// <param name="To">The type they are run as.</param>
/// <param name="Tensors">How many.</param>
/// <param name="LargestError">The largest relative error of one of them: root mean square of the differences over that of the values; 0: exact.</param>
/// <param name="Worst">The tensor that has it.</param>
public sealed record TypeConversion(string From, WeightType To, int Tensors, double LargestError, string Worst)
{
    /// <summary>An error above this is worth a warning: conversions of weights as they are found stay below.</summary>
    public const double ExpectedError = 1e-3;

    /// <summary>Whether the error is larger than a conversion of sound weights has.</summary>
    public bool IsCoarse => LargestError > ExpectedError;

    /// <summary>What to say where it is coarse.</summary>
    public string Warning => string.Create(
        CultureInfo.InvariantCulture,
        $"{Printable(Worst)} is stored as {From} and run as {To}, which changes it by {LargestError:0.0e-00} of its size; {ExpectedError:0.0e-00} is usual. Compare the model's answers, or use a file that stores it as {To} or F16.");

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{From} runs as {To}: {Tensors} tensor{(Tensors == 1 ? "" : "s")}, {(LargestError == 0 ? "exact" : $"largest relative error {LargestError:0.0e-00} ({Printable(Worst)})")}");

    /// <summary>One entry for each pair of types, in the order of their first tensor. A tensor may come in several pieces.</summary>
    internal static IReadOnlyList<TypeConversion> Summarize(IEnumerable<(string From, WeightType To, string Tensor, ErrorSum Error)> tensors) =>
    [
        .. tensors.GroupBy(piece => (piece.From, piece.To, piece.Tensor))
            .Select(pieces => (pieces.Key.From, pieces.Key.To, pieces.Key.Tensor, Error: pieces.Aggregate(default(ErrorSum), (sum, piece) => sum + piece.Error)))
            .GroupBy(tensor => (tensor.From, tensor.To)).Select(group =>
        {
            var worst = group.MaxBy(tensor => tensor.Error.Relative);
            return new TypeConversion(group.Key.From, group.Key.To, group.Count(), worst.Error.Relative, worst.Tensor);
        }),
    ];

    // Names come from the file: a terminal must not obey them.
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
}
