namespace KernelForge.Formats.Tokenizers;

/// <summary>A parsed regular expression.</summary>
internal abstract record Node;

/// <summary>One character of a set.</summary>
internal sealed record SetNode(CharacterSet Set) : Node;

/// <summary>One after another.</summary>
internal sealed record SequenceNode(IReadOnlyList<Node> Items) : Node;

/// <summary>The first that leads to a match.</summary>
internal sealed record AlternativeNode(IReadOnlyList<Node> Items) : Node;

/// <summary>Several times; <see cref="Maximum"/> -1: without bound. A lazy one takes as few as lead to a match.</summary>
internal sealed record RepeatNode(Node Item, int Minimum, int Maximum, bool IsLazy, bool IsPossessive) : Node;

/// <summary>A look at the character behind, which stays; the end of the text counts as <see cref="HoldsAtEnd"/> says.</summary>
internal sealed record LookNode(CharacterSet Set, bool HoldsAtEnd) : Node;
