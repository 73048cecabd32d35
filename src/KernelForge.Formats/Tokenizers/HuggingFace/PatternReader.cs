using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads patterns: <c>{"String": ...}</c> or <c>{"Regex": ...}</c>.</summary>
internal static class PatternReader
{
    public static Node Read(TokenizerElement pattern) =>
        pattern.Text("String") is { } text ? TokenizerStep.Literal(text) : Parse(pattern.Require("Regex"));

    /// <summary>Runs a step's construction; what cannot be compiled is an error at the pattern.</summary>
    public static TokenizerStep Compile(TokenizerElement component, Func<TokenizerStep> build)
    {
        try
        {
            return build();
        }
        catch (ExpressionException error)
        {
            throw component.NotSupported($"the regular expression ({error.Message})");
        }
    }

    public static SplitBehavior Behavior(TokenizerElement component, SplitBehavior absent) => component.Find("behavior") is not { } value ? absent : value.AsText() switch
    {
        "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw value.NotSupported($"the behavior '{other}'"),
    };

    private static Node Parse(TokenizerElement regex)
    {
        try
        {
            return Parser.Parse(regex.AsText());
        }
        catch (ExpressionException error)
        {
            throw regex.NotSupported($"the regular expression '{regex.AsText()}' ({error.Message})");
        }
    }
}
