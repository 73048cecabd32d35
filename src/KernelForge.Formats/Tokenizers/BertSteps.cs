using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>What BERT does to a text before WordPiece, as Hugging Face's tokenizers do it.</summary>
internal static class BertSteps
{
    private static readonly CharacterSet Ideographs = CharacterSet.Of(
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0x2F800, 0x2FA1F));

    /// <summary>The normalizing steps.</summary>
    public static IEnumerable<TokenizerStep> Normalize(bool cleanText, bool chineseCharacters, bool stripAccents, bool lowercase)
    {
        if (cleanText)
        {
            var controls = UnicodeSets.Require("Cc").Union(UnicodeSets.Require("Cf")).Union(UnicodeSets.Require("Co"))
                .Union(CharacterSet.Of(0xFFFD)).Except(CharacterSet.Of(('\t', '\n'), ('\r', '\r')));
            yield return TokenizerStep.Characters(codePoint =>
                controls.Contains(codePoint) ? CharacterAction.Remove : UnicodeSets.Space.Contains(codePoint) ? CharacterAction.Space : CharacterAction.Keep);
        }

        if (chineseCharacters)
            yield return TokenizerStep.Characters(static codePoint => Ideographs.Contains(codePoint) ? CharacterAction.Surround : CharacterAction.Keep);
        if (stripAccents)
        {
            yield return TokenizerStep.Normal(NormalFormKind.Decomposed);
            yield return TokenizerStep.Remove(UnicodeSets.Require("Mn"));
        }

        if (lowercase)
            yield return TokenizerStep.Lowercase;
    }

    /// <summary>The cutting steps: at white space, and punctuation alone.</summary>
    public static IEnumerable<TokenizerStep> Split()
    {
        yield return TokenizerStep.Split(new SetNode(UnicodeSets.Space), SplitBehavior.Removed);
        yield return TokenizerStep.Split(new SetNode(UnicodeSets.Punctuation), SplitBehavior.Isolated);
    }
}
