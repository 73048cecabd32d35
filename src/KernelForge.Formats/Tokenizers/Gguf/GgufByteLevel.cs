using System.Text;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Byte-level byte-pair encoding from a GGUF file: the pre-tokenizer's name stands for its published expressions.</summary>
internal static class GgufByteLevel
{
    private const string PreKey = "tokenizer.ggml.pre";

    public static TokenizerModel Read(GgufVocabulary vocabulary)
    {
        var name = vocabulary.RequireText(PreKey);
        var pre = PreTokenizerCatalog.Find(name) ?? throw vocabulary.NotSupported(PreKey,
            $"pre-tokenizer '{name}'; supported are {string.Join(", ", PreTokenizerCatalog.Names)}",
            "Use a model with one of these, or convert the model again if its converter named the wrong one.");

        var (begin, end) = (vocabulary.ReadId("tokenizer.ggml.bos_token_id"), vocabulary.ReadId("tokenizer.ggml.eos_token_id"));
        var kinds = vocabulary.Kinds(begin, end);
        var texts = new byte[kinds.Length][];
        for (var id = 0; id < texts.Length; id++)
        {
            var spelled = vocabulary.Tokens[id];
            var isOrdinary = (kinds[id] & TokenizerLayout.KindMask) == (byte)TokenKind.Normal;
            texts[id] = (isOrdinary ? ByteAlphabet.Decode(spelled) : null) ?? Encoding.UTF8.GetBytes(spelled);
        }

        return new TokenizerModel
        {
            Algorithm = TokenizerAlgorithm.ByteBytePair,
            Flags = pre.IgnoresMerges ? TokenizerFlags.WholeWords : TokenizerFlags.None,
            Texts = texts,
            Words = texts,
            Kinds = kinds,
            ByteTokens = TokenizerModel.FindByteTokens(texts, kinds),
            Merges = vocabulary.ReadMerges(),
            Normalizers = pre.IsComposed ? [TokenizerStep.Normal(NormalFormKind.Composed)] : [],
            Splits = pre.Steps(),
            Before = begin >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_bos_token", absent: pre.AddsBegin) ? [begin] : [],
            After = end >= 0 && vocabulary.ReadBoolean("tokenizer.ggml.add_eos_token", absent: false) ? [end] : [],
            BeginOfSequence = begin,
            EndOfSequence = end,
            Unknown = vocabulary.ReadId("tokenizer.ggml.unknown_token_id"),
            Padding = vocabulary.ReadId("tokenizer.ggml.padding_token_id"),
        };
    }
}
