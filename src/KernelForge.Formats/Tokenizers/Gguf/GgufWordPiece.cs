using System.Text;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>WordPiece from a GGUF file (<c>bert</c>): tokens that begin a word are spelled with U+2581 before them, the others without marks.</summary>
internal static class GgufWordPiece
{
    /// <summary>Characters that a word may have; longer ones are unknown (Hugging Face's constant).</summary>
    private const uint LongestInput = 100;

    public static TokenizerModel Read(GgufVocabulary vocabulary)
    {
        var begin = vocabulary.ReadId("tokenizer.ggml.bos_token_id", vocabulary.ReadId("tokenizer.ggml.cls_token_id", absent: 101));
        var end = vocabulary.ReadId("tokenizer.ggml.eos_token_id");
        var separator = vocabulary.ReadId("tokenizer.ggml.seperator_token_id", vocabulary.ReadId("tokenizer.ggml.separator_token_id", absent: 102));
        var kinds = vocabulary.Kinds(begin, end);
        var texts = vocabulary.Tokens.Select(static token => Encoding.UTF8.GetBytes(token.Replace(TokenizerStep.SpaceMark, " ", StringComparison.Ordinal))).ToArray();
        var lowercase = vocabulary.ReadBoolean("tokenizer.ggml.normalizer.lowercase", absent: true);
        var stripAccents = vocabulary.ReadBoolean("tokenizer.ggml.normalizer.strip_accents", absent: lowercase);
        return new TokenizerModel
        {
            Algorithm = TokenizerAlgorithm.WordPiece,
            Flags = TokenizerFlags.StripsFirstSpace | TokenizerFlags.CleansSpaces,
            Texts = texts,
            Words = texts,
            Kinds = kinds,
            ByteTokens = TokenizerModel.FindByteTokens([], []),
            Normalizers = [.. BertSteps.Normalize(cleanText: true, chineseCharacters: true, stripAccents, lowercase)],
            Splits = [.. BertSteps.Split()],
            Before = begin >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_bos_token", absent: true) ? [begin] : [],
            After = separator >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_sep_token", absent: true) ? [separator] : [],
            BeginOfSequence = begin,
            EndOfSequence = end,
            Unknown = vocabulary.ReadId("tokenizer.ggml.unknown_token_id", absent: 100),
            Padding = vocabulary.ReadId("tokenizer.ggml.padding_token_id", absent: 0),
            LongestInput = LongestInput,
        };
    }
}
