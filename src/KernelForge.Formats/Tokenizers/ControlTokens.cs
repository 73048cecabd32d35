using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Which tokens have a meaning instead of a text, where the file's own types do not tell.</summary>
internal static class ControlTokens
{
    /// <summary>How models spell the tokens that end a text, a turn or a message; many files name only one of theirs by id.</summary>
    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal)
    {
        "<|endoftext|>", "<|im_end|>", "<|end|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|EOT|>",
        "<|end_of_sentence|>", "<｜end▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "<|return|>", "</s>",
    };

    /// <summary>How models spell the marks around a gap to be filled in; converters often list them as ordinary added words.</summary>
    private static readonly HashSet<string> Gaps = new(StringComparer.Ordinal)
    {
        "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>",
        "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>",
    };

    /// <summary>Whether a token ends an answer.</summary>
    public static bool EndsGeneration(GgufVocabulary vocabulary, int id) =>
        id == vocabulary.EndOfSequence || id == vocabulary.EndOfTurn || id == vocabulary.EndOfMessage
        || (vocabulary.Kinds[id] != TokenKind.Normal && Ends.Contains(vocabulary.Tokens[id]));

    /// <summary>What a token is. One that begins texts, or marks a gap, is a control token even where the file lists it as a user's word.</summary>
    public static TokenKind KindOf(GgufVocabulary vocabulary, int id) =>
        vocabulary.Kinds[id] == TokenKind.UserDefined && (id == vocabulary.BeginOfSequence || Gaps.Contains(vocabulary.Tokens[id]))
            ? TokenKind.Control
            : vocabulary.Kinds[id];
}
