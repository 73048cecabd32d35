namespace KernelForge.Formats.Tokenizers;

/// <summary>What a byte-level model does to a text before merging.</summary>
/// <param name="Patterns">Expressions whose matches are cut out, each inside the pieces of the one before.</param>
internal sealed record PreTokenizer(params string[] Patterns)
{
    /// <summary>Whether a word that is a token is not merged.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>Whether a text begins with the begin token unless the file says otherwise.</summary>
    public bool AddsBegin { get; init; }

    /// <summary>Whether text is brought into normal form C first.</summary>
    public bool IsComposed { get; init; }

    /// <summary>Whether digits are cut into threes from the right at the end.</summary>
    public bool GroupsDigits { get; init; }

    /// <summary>The steps as they are packed.</summary>
    public IReadOnlyList<TokenizerStep> Steps() =>
        [.. Patterns.Select(static pattern => TokenizerStep.Split(pattern)), .. GroupsDigits ? [TokenizerStep.DigitGroups] : Array.Empty<TokenizerStep>()];
}

/// <summary>
/// The pre-tokenizers that GGUF names in <c>tokenizer.ggml.pre</c>, by the expressions that the models' own tokenizers publish.
/// </summary>
internal static class PreTokenizerCatalog
{
    /// <summary>GPT-2's expression: what <c>ByteLevel</c> of Hugging Face's tokenizers cuts by.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen35 = Contractions + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Jais2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}";

    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Gpt4O = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + Contractions + @"?|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower + "*" + Contractions
        + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Youtu = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + Contractions + @"?|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower + "*" + Contractions
        + @"?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Tekken = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + @"+|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower
        + @"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string NotHanUpper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]";
    private const string NotHanLower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]";
    private const string Kimi = @"[\p{Han}]+|[^\r\n\p{L}\p{N}]?" + NotHanUpper + "*" + NotHanLower + "+" + Contractions + @"?|[^\r\n\p{L}\p{N}]?" + NotHanUpper + "+"
        + NotHanLower + "*" + Contractions + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Bailing = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string SeedCoder = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string ExaoneMoe = Contractions + @"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string Bloom = @" ?[^(\s|.,!?…。，、।۔،)]+";
    private const string EastAsian = "[一-龥぀-ゟ゠-ヿ]+";

    private const string DeepSeekV3 = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Letters that normal form C would replace stand as numbers.
    private const string DeepSeekLetters =
        @"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\x{1F5F}-\x{1F7D}ᾀ-ᾴᾶ-\x{1FBC}\x{1FBE}ῂ-ῄῆ-ῌ\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}ῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝ\x{2124}\x{2126}\x{2128}\x{212A}-\x{212D}ℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+";

    // Scripts without spaces between words.
    private const string Unspaced = @"[\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{F900}-\x{FAFF}\x{3040}-\x{30FF}\x{FF65}-\x{FF9F}\x{2F00}-\x{2FDF}\x{0E40}-\x{0EFF}\x{1780}-\x{17FF}\x{1000}-\x{109F}\x{AA60}-\x{AA7F}\x{A9E0}-\x{A9FF}\x{AC00}-\x{D7AF}\x{1100}-\x{11FF}]+";

    // What converters name that know no expression of the model.
    private static readonly string[] Unknown =
        [@"[\p{P}\$\+<=>\^~\|]+", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)", @"\p{N}+", "[0-9][0-9][0-9]"];

    private static readonly Dictionary<string, PreTokenizer> Known = Build(
        (new PreTokenizer(Unknown), "default"),
        (new PreTokenizer(@"\p{N}+", Unspaced, DeepSeekV3) { GroupsDigits = true }, "afmoe"),
        (new PreTokenizer(Gpt2), "gpt-2 phi-2 jina-es jina-de jina-v2-es jina-v2-de jina-v1-en jina-v2-code roberta-bpe gigachat a.x-4.0 mellum exaone4 jais trillion granite-docling"),
        (new PreTokenizer(Gpt2) { IsComposed = true }, "mpt olmo modern-bert"),
        (new PreTokenizer(@"\p{N}", Gpt2), "starcoder refact smollm codeshell exaone minerva-7b mellum2"),
        (new PreTokenizer(@"\p{N}", Gpt2) { IsComposed = true }, "command-r"),
        (new PreTokenizer(@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"), "falcon"),
        (new PreTokenizer(Llama3) { IgnoresMerges = true, AddsBegin = true }, "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano"),
        (new PreTokenizer(Llama3), "dbrx smaug-bpe glm4 chatglm-bpe"),
        (new PreTokenizer(Qwen2) { IsComposed = true }, "qwen2 deepseek-r1-qwen kormo megrez f2llmv2 stablelm2"),
        (new PreTokenizer(Qwen2), "hunyuan solar-open grok-2"),
        (new PreTokenizer(Qwen35) { IsComposed = true }, "qwen35"),
        (new PreTokenizer(Gpt4O), "gpt-4o llama4 kanana2 talkie minimax-m2"),
        (new PreTokenizer(Tekken) { IgnoresMerges = true, AddsBegin = true }, "tekken"),
        (new PreTokenizer(Kimi), "kimi-k2"),
        (new PreTokenizer(Bailing), "bailingmoe bailingmoe2 llada-moe"),
        (new PreTokenizer(SeedCoder), "seed-coder"),
        (new PreTokenizer(ExaoneMoe), "exaone-moe"),
        (new PreTokenizer(Jais2), "jais-2"),
        (new PreTokenizer(Bloom), "bloom gpt3-finnish poro-chat"),
        (new PreTokenizer(Bloom, @"\p{N}"), "viking"),
        (new PreTokenizer(@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", @"\p{N}"), "deepseek-coder"),
        (new PreTokenizer(@"[\r\n]", DeepSeekLetters, @"\s?[!-/:-~！-／：-～‘-‟　-。]+", @"\s+$", "[一-龥ࠀ-一가-퟿]+", @"\p{N}+"), "deepseek-llm"),
        (new PreTokenizer(@"\p{N}{1,3}", EastAsian, DeepSeekV3), "deepseek-v3 hunyuan-dense joyai-llm"),
        (new PreTokenizer("[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + EastAsian, Youtu) { IgnoresMerges = true }, "youtu"),
        (new PreTokenizer("<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}", @"[\p{P}!-/:-@\[-`{-~]", Gpt2) { AddsBegin = true }, "chameleon"),
        (new PreTokenizer(@"\p{N}+") { GroupsDigits = true }, "superbpe"));

    /// <summary>The names, in alphabetical order.</summary>
    public static IEnumerable<string> Names => Known.Keys.Order(StringComparer.Ordinal);

    /// <summary>The pre-tokenizer of a name, or null.</summary>
    public static PreTokenizer? Find(string name) => Known.GetValueOrDefault(name);

    private static Dictionary<string, PreTokenizer> Build(params (PreTokenizer PreTokenizer, string Names)[] entries) =>
        entries.SelectMany(static entry => entry.Names.Split(' ').Select(name => (name, entry.PreTokenizer)))
            .ToDictionary(static entry => entry.name, static entry => entry.PreTokenizer, StringComparer.Ordinal);
}
