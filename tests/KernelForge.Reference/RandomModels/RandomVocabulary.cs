namespace KernelForge.Reference.RandomModels;

/// <summary>The smallest byte-level BPE vocabulary that fills any number of ids: control tokens, letters, pairs of letters.</summary>
internal static class RandomVocabulary
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz.,!?0123456789ĠĊ";
    private const string ChatTemplate = "{% for m in messages %}<|begin|>{{ m['role'] }} {{ m['content'] }}<|end|>{% endfor %}<|begin|>assistant ";

    public static void AddTo(GgufWriter writer, int count)
    {
        List<string> tokens = ["<|begin|>", "<|end|>"];
        List<string> merges = [];
        tokens.AddRange(Letters.Take(count - tokens.Count).Select(letter => letter.ToString()));
        for (var first = 0; first < 26; first++)
        {
            for (var second = 0; second < 26 && tokens.Count < count; second++)
            {
                tokens.Add($"{Letters[first]}{Letters[second]}");
                merges.Add($"{Letters[first]} {Letters[second]}");
            }
        }

        writer.Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.pre", "gpt-2")
            .Add("tokenizer.ggml.tokens", tokens.ToArray())
            .Add("tokenizer.ggml.token_type", tokens.Select((_, id) => id < 2 ? 3 : 1).ToArray())
            .Add("tokenizer.ggml.merges", merges.ToArray())
            .Add("tokenizer.ggml.bos_token_id", 0u)
            .Add("tokenizer.ggml.eos_token_id", 1u)
            .Add("tokenizer.chat_template", ChatTemplate);
    }
}
