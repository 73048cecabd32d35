using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Which tokens end an answer.</summary>
internal static class EndOfGeneration
{
    /// <summary>How models spell the control tokens that end a text, a turn or a message; many files name only one of theirs by id.</summary>
    private static readonly HashSet<string> Spellings = new(StringComparer.Ordinal)
    {
        "<|endoftext|>", "<|im_end|>", "<|end|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|EOT|>",
        "<|end_of_sentence|>", "<｜end▁of▁sentence｜>", "<|END_OF_TURN_TOKEN|>", "<|return|>", "</s>",
    };

    /// <summary>Whether a token ends an answer.</summary>
    public static bool Includes(GgufVocabulary vocabulary, int id) =>
        id == vocabulary.EndOfSequence || id == vocabulary.EndOfTurn || id == vocabulary.EndOfMessage
        || (vocabulary.Kinds[id] != TokenKind.Normal && Spellings.Contains(vocabulary.Tokens[id]));
}
