using System.Text;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A step between text and words, as it is packed.</summary>
internal sealed record TokenizerStep(StepKind Kind, uint Options, byte[] Data)
{
    /// <summary>The character that SentencePiece writes for a space.</summary>
    public const string SpaceMark = "\u2581";

    /// <summary>A normal form of Unicode.</summary>
    public static TokenizerStep Normal(NormalFormKind form) => new(StepKind.NormalForm, (uint)form, []);

    /// <summary>Every character in lower case.</summary>
    public static TokenizerStep Lowercase { get; } = new(StepKind.Lowercase, 0, []);

    /// <summary>White space removed at the ends of a text.</summary>
    public static TokenizerStep Strip(bool left, bool right) => new(StepKind.Strip, (left ? 1u : 0) | (right ? 2u : 0), []);

    /// <summary>Something done to each character.</summary>
    public static TokenizerStep Characters(Func<int, CharacterAction> actionOf) => new(StepKind.Characters, 0, CharacterMapBytes.WriteActions(actionOf));

    /// <summary>The characters of a set removed.</summary>
    public static TokenizerStep Remove(CharacterSet set) => Characters(codePoint => set.Contains(codePoint) ? CharacterAction.Remove : CharacterAction.Keep);

    /// <summary>Matches replaced.</summary>
    public static TokenizerStep Replace(Node pattern, string content)
    {
        var text = Encoding.UTF8.GetBytes(content);
        var padding = new byte[-text.Length & 7];
        return new TokenizerStep(StepKind.Replace, 0, [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. padding, .. AutomatonCompiler.Compile(pattern)]);
    }

    /// <summary>A text put before one that is not empty.</summary>
    public static TokenizerStep Prepend(string text) => new(StepKind.Prepend, 0, Encoding.UTF8.GetBytes(text));

    /// <summary>SentencePiece's precompiled map.</summary>
    public static TokenizerStep Charsmap(byte[] data, bool longest) => new(StepKind.Charsmap, longest ? 1u : 0, data);

    /// <summary>Cuts at the matches of an expression.</summary>
    public static TokenizerStep Split(string pattern, SplitBehavior behavior = SplitBehavior.Isolated, bool inverted = false, bool overBytes = false) =>
        Split(Parser.Parse(pattern), behavior, inverted, overBytes);

    /// <summary>Cuts at the matches of an expression.</summary>
    public static TokenizerStep Split(Node pattern, SplitBehavior behavior, bool inverted = false, bool overBytes = false) =>
        new(StepKind.Split, (uint)behavior | (inverted ? 256u : 0), AutomatonCompiler.Compile(pattern, overBytes));

    /// <summary>Pieces that do not begin with a text get it put before them.</summary>
    public static TokenizerStep Prefix(string text, PrefixScheme scheme) => new(StepKind.Prefix, (uint)scheme, Encoding.UTF8.GetBytes(text));

    /// <summary>Spaces replaced by a text.</summary>
    public static TokenizerStep Spaces(string text) => new(StepKind.Spaces, 0, Encoding.UTF8.GetBytes(text));

    /// <summary>Digits in threes, counted from the right.</summary>
    public static TokenizerStep DigitGroups { get; } = new(StepKind.DigitGroups, 0, []);

    /// <summary>The expression that matches exactly a text.</summary>
    public static Node Literal(string text) =>
        new SequenceNode([.. text.EnumerateRunes().Select(static rune => new SetNode(CharacterSet.Of(rune.Value)))]);
}
