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

    /// <summary>The marks around a gap to be filled in, and an end of text, that converters often list as ordinary added words.</summary>
    private static readonly HashSet<string> Misnamed = new(StringComparer.Ordinal)
    {
        "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>",
        "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "</s>",
    };

    /// <summary>Whether a special token of this spelling ends an answer.</summary>
    public static bool EndsGeneration(string token) => Ends.Contains(token);

    /// <summary>Whether an added word of this spelling is a control token.</summary>
    public static bool IsControl(string token) => Misnamed.Contains(token);
}
