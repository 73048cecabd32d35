using KernelForge.Formats.Gguf;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the tokenizer of a GGUF file.</summary>
internal static class GgufTokenizer
{
    /// <summary>The tokenizer, or null where the file has none.</summary>
    /// <exception cref="ModelFormatException">It is damaged or not supported.</exception>
    public static TokenizerModel? Read(GgufFile file)
    {
        if (GgufVocabulary.Read(file) is not { } vocabulary)
            return null;
        return vocabulary.Name switch
        {
            "gpt2" => GgufByteLevel.Read(vocabulary),
            "llama" => GgufSentencePiece.ReadBytePair(vocabulary),
            "gemma4" => GgufSentencePiece.ReadMerged(vocabulary),
            "t5" => GgufSentencePiece.ReadUnigram(vocabulary),
            "bert" => GgufWordPiece.Read(vocabulary),
            var other => throw vocabulary.NotSupported("tokenizer.ggml.model",
                $"a tokenizer of model '{other}'; gpt2 (byte-level BPE), llama, gemma4 and t5 (SentencePiece) and bert (WordPiece) are supported",
                "Use a model with one of these vocabularies."),
        };
    }
}
