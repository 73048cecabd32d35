using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>pre_tokenizer</c> of <c>tokenizer.json</c>.</summary>
internal sealed class PreTokenizerReader
{
    /// <summary>Digits in threes from the right: the one published expression that looks ahead without bound.</summary>
    private static readonly string[] DigitGroups = [@"(?=(\d{3})+(?!\d))", @"(?=(?:\d{3})+(?!\d))"];

    private readonly List<TokenizerStep> _steps = [];

    private PreTokenizerReader(bool isByteLevel) => IsByteLevel = isByteLevel;

    /// <summary>Whether the text that the model sees is spelled in bytes; what cuts behind that sees bytes too.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<TokenizerStep> Steps => _steps;

    public static PreTokenizerReader Read(TokenizerElement? preTokenizer, bool isByteLevel)
    {
        var reader = new PreTokenizerReader(isByteLevel);
        if (preTokenizer is { } component)
            reader.Read(component);
        return reader;
    }

    private void Read(TokenizerElement component)
    {
        switch (component.Type)
        {
            case "Sequence":
                foreach (var item in component.Require("pretokenizers").Items())
                    Read(item);
                break;
            case "ByteLevel":
                if (IsByteLevel)
                    throw component.NotSupported("a second ByteLevel");
                if (component.Flag("add_prefix_space", absent: true))
                    _steps.Add(TokenizerStep.Prefix(" ", PrefixScheme.Always));
                if (component.Flag("use_regex", absent: true))
                    Split(Parser.Parse(PreTokenizerCatalog.Gpt2), SplitBehavior.Isolated);
                IsByteLevel = true;
                break;
            case "Split":
                ReadSplit(component);
                break;
            case "Digits":
                Split(new SetNode(UnicodeSets.Require("N")), component.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
                break;
            case "Whitespace":
                var (word, mark) = (new SetNode(UnicodeSets.WordWithJoiners), new SetNode(UnicodeSets.WordWithJoiners.Union(UnicodeSets.Space).Complement()));
                Split(new AlternativeNode([new RepeatNode(word, 1, -1, false, false), new RepeatNode(mark, 1, -1, false, false)]), SplitBehavior.Removed, inverted: true);
                break;
            case "WhitespaceSplit":
                Split(new SetNode(UnicodeSets.Space), SplitBehavior.Removed);
                break;
            case "Punctuation":
                Split(new SetNode(UnicodeSets.Punctuation), PatternReader.Behavior(component, SplitBehavior.Isolated));
                break;
            case "BertPreTokenizer":
                Split(new SetNode(UnicodeSets.Space), SplitBehavior.Removed);
                Split(new SetNode(UnicodeSets.Punctuation), SplitBehavior.Isolated);
                break;
            case "CharDelimiterSplit":
                Split(TokenizerStep.Literal(component.RequiredText("delimiter")), SplitBehavior.Removed);
                break;
            case "Metaspace":
                ReadMetaspace(component);
                break;
            case var other:
                throw component.NotSupported($"the pre-tokenizer '{other}'");
        }
    }

    private void ReadSplit(TokenizerElement component)
    {
        var pattern = component.Require("pattern");
        var behavior = PatternReader.Behavior(component.Find("behavior") is null ? throw component.Error("its behavior is missing") : component, SplitBehavior.Isolated);
        var inverted = component.Flag("invert", absent: false);
        if (pattern.Text("Regex") is { } regex && Array.Exists(DigitGroups, known => known == regex) && behavior == SplitBehavior.Isolated && !inverted)
            _steps.Add(TokenizerStep.DigitGroups);
        else
            _steps.Add(PatternReader.Compile(pattern, () => TokenizerStep.Split(PatternReader.Read(pattern), behavior, inverted, IsByteLevel)));
    }

    private void ReadMetaspace(TokenizerElement component)
    {
        if (IsByteLevel)
            throw component.NotSupported("Metaspace behind ByteLevel");
        var mark = component.SpaceMark();
        var scheme = component.Text("prepend_scheme") ?? (component.Flag("add_prefix_space", absent: true) ? "always" : "never");
        if (component.Find("add_prefix_space") is not null && !component.Flag("add_prefix_space", absent: true))
            scheme = "never";
        _steps.Add(TokenizerStep.Spaces(mark));
        switch (scheme)
        {
            case "always":
                _steps.Add(TokenizerStep.Prefix(mark, PrefixScheme.Always));
                break;
            case "first":
                _steps.Add(TokenizerStep.Prefix(mark, PrefixScheme.First));
                break;
            case "never":
                break;
            default:
                throw component.NotSupported($"the scheme '{scheme}'");
        }

        if (component.Flag("split", absent: true))
            Split(TokenizerStep.Literal(mark), SplitBehavior.MergedWithNext);
    }

    private void Split(Node pattern, SplitBehavior behavior, bool inverted = false) => _steps.Add(TokenizerStep.Split(pattern, behavior, inverted, IsByteLevel));
}
