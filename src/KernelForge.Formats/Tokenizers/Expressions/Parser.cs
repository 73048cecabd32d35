using System.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// Parses the regular expressions of tokenizers, in the dialect that Hugging Face's tokenizers read (Oniguruma): alternatives, sequences, sets with
/// properties and intersections, groups, quantifiers (greedy, lazy, possessive), <c>(?i:...)</c>, and a look ahead at one character.
/// </summary>
internal sealed partial class Parser
{
    private const int LongestPattern = 4096;
    private const int DeepestGroup = 100;
    private const int MostQuantifiers = 100;
    private const int MostRepeats = 1000;

    private readonly int[] _pattern;
    private int _next;
    private int _depth;
    private bool _ignoreCase;

    private Parser(string pattern) => _pattern = [.. pattern.EnumerateRunes().Select(static rune => rune.Value)];

    /// <summary>The tree of an expression.</summary>
    /// <exception cref="ExpressionException">It is wrong, or uses what is not supported.</exception>
    public static Node Parse(string pattern)
    {
        if (pattern.Length > LongestPattern)
            throw new ExpressionException($"it has {pattern.Length:N0} characters, and the longest that is read has {LongestPattern:N0}");
        var parser = new Parser(pattern);
        var node = parser.Alternatives();
        return parser._next == parser._pattern.Length ? node : throw parser.Error("a ')' without its '('");
    }

    private Node Alternatives()
    {
        if (++_depth > DeepestGroup)
            throw Error("groups are too deep");
        var ignoreCase = _ignoreCase;
        var items = new List<Node> { Sequence() };
        while (Take('|'))
            items.Add(Sequence());
        _ignoreCase = ignoreCase;
        _depth--;
        return items.Count == 1 ? items[0] : new AlternativeNode(items);
    }

    private Node Sequence()
    {
        var items = new List<Node>();
        while (_next < _pattern.Length && Peek() is not ('|' or ')'))
            items.Add(Quantified(Atom()));
        return items.Count == 1 ? items[0] : new SequenceNode(items);
    }

    private Node Quantified(Node item)
    {
        for (var quantifiers = 0; _next < _pattern.Length; quantifiers++)
        {
            int minimum, maximum;
            var isInterval = false;
            switch (Peek())
            {
                case '*':
                    (minimum, maximum) = (0, -1);
                    break;
                case '+':
                    (minimum, maximum) = (1, -1);
                    break;
                case '?':
                    (minimum, maximum) = (0, 1);
                    break;
                case '{' when Interval() is { } interval:
                    (minimum, maximum) = interval;
                    isInterval = true;
                    break;
                default:
                    return item;
            }

            if (quantifiers == MostQuantifiers)
                throw Error("too many quantifiers, one behind the other");
            _next++;
            var isLazy = Take('?');
            var isPossessive = !isLazy && !isInterval && Take('+');
            item = new RepeatNode(item, minimum, maximum, isLazy, isPossessive);
        }

        return item;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c> up to its last character; null where the brace is only a brace.</summary>
    private (int Minimum, int Maximum)? Interval()
    {
        var start = _next;
        _next++;
        var minimum = Number();
        var hasComma = Take(',');
        var maximum = hasComma ? Number() : minimum;
        if (_next >= _pattern.Length || Peek() != '}' || (minimum is null && maximum is null))
        {
            _next = start;
            return null;
        }

        var (least, most) = (minimum ?? 0, maximum ?? -1);
        if (least > MostRepeats || most > MostRepeats || (most >= 0 && most < least))
            throw Error("a quantifier whose numbers are too large or in the wrong order");
        return (least, most);
    }

    private int? Number()
    {
        var start = _next;
        var value = 0;
        while (_next < _pattern.Length && Peek() is >= '0' and <= '9')
            value = Math.Min((value * 10) + _pattern[_next++] - '0', MostRepeats + 1);
        return _next > start ? value : null;
    }

    private Node Atom()
    {
        var character = _pattern[_next++];
        switch (character)
        {
            case '(':
                return Group();
            case '[':
                return new SetNode(Fold(Class()));
            case '.':
                return new SetNode(CharacterSet.Of('\n').Complement());
            case '$':
                return new LookNode(CharacterSet.Of('\n'), HoldsAtEnd: true);
            case '\\':
                if (_next < _pattern.Length && Peek() is 'z' or 'Z')
                {
                    _next++;
                    return new LookNode(CharacterSet.Empty, HoldsAtEnd: true);
                }

                return new SetNode(Fold(Escape()));
            case '^':
                throw Error("'^' is not supported");
            case '*' or '+' or '?':
                throw Error("a quantifier with nothing before it");
            default:
                return new SetNode(Fold(CharacterSet.Of(character)));
        }
    }

    private Node Group()
    {
        var outer = _ignoreCase;
        if (!Take('?'))
            return Close(Alternatives());
        if (Take(':') || Take('>'))
        {
            if (_pattern[_next - 1] == '>')
                throw Error("an atomic group '(?>' is not supported");
            return Close(Alternatives());
        }

        if (Peek() is '=' or '!')
            return Look(_pattern[_next++] == '!');
        if (Peek() == '<')
            throw Error("a look behind or a named group '(?<' is not supported");
        var on = true;
        while (_next < _pattern.Length && Peek() is not (':' or ')'))
        {
            switch (_pattern[_next++])
            {
                case 'i':
                    _ignoreCase = on;
                    break;
                case '-':
                    on = false;
                    break;
                default:
                    throw Error("an option of a group that is not supported; 'i' is");
            }
        }

        // (?i) holds to the end of the group around it, (?i:...) inside.
        if (Take(')'))
            return Alternatives();
        Take(':');
        var node = Close(Alternatives());
        _ignoreCase = outer;
        return node;
    }

    private LookNode Look(bool negative) => Close(Alternatives()) switch
    {
        SetNode set when negative => new LookNode(set.Set.Complement(), HoldsAtEnd: true),
        SetNode set => new LookNode(set.Set, HoldsAtEnd: false),
        _ => throw Error("a look ahead at more than one character is not supported"),
    };

    private Node Close(Node node) => Take(')') ? node : throw Error("a '(' without its ')'");

    /// <summary>With the other case of every character, where case is ignored.</summary>
    private CharacterSet Fold(CharacterSet set) => _ignoreCase ? CaseFolding.Close(set) : set;

    private bool Take(int character)
    {
        if (_next >= _pattern.Length || _pattern[_next] != character)
            return false;
        _next++;
        return true;
    }

    private int Peek() => _next < _pattern.Length ? _pattern[_next] : throw Error("it ends too early");

    private string Text(int start, int end) => string.Concat(_pattern[start..end].Select(static value => new Rune(value).ToString()));

    private ExpressionException Error(string problem) => new($"{problem}, at character {_next}");
}
