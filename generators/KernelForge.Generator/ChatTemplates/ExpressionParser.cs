using System.Globalization;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>Parses expressions; one method a level of precedence, as in Jinja's grammar.</summary>
internal sealed class ExpressionParser(TokenReader reader)
{
    private static readonly HashSet<string> Keywords =
        ["and", "or", "not", "in", "is", "if", "else", "for", "recursive"];

    /// <summary>A whole expression, with <c>a if b else c</c>.</summary>
    public TemplateExpression Parse()
    {
        reader.Enter();
        var value = ParseOr();
        while (reader.Current.IsName("if"))
        {
            var offset = reader.Next().Offset;
            reader.CountPart();
            var condition = ParseOr();
            value = new ConditionalExpression(condition, value, reader.SkipName("else") ? Parse() : null, offset);
        }

        reader.Leave();
        return value;
    }

    /// <summary>Expressions with commas between are one list.</summary>
    public TemplateExpression ParseTuple()
    {
        var first = Parse();
        if (!reader.Current.Is(","))
            return first;
        var items = new List<TemplateExpression> { first };
        while (reader.Skip(",") && reader.Current.Type != TokenType.Close && !reader.Current.Is(")"))
            items.Add(Parse());
        return new ListExpression(items.ToEquatableArray(), first.Offset);
    }

    /// <summary>An expression that <c>if</c> ends: what a loop runs over.</summary>
    public TemplateExpression ParseOr() => ParseChain(ParseAnd, static token => token.IsName("or"));

    private TemplateExpression ParseAnd() => ParseChain(ParseNot, static token => token.IsName("and"));

    private TemplateExpression ParseNot()
    {
        if (!reader.Current.IsName("not"))
            return ParseComparison();
        var offset = reader.Next().Offset;
        reader.Enter();
        var value = new UnaryExpression("not", ParseNot(), offset);
        reader.Leave();
        return value;
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParseSum();
        if (ComparisonOperator() is not { } found)
            return left;
        var offset = reader.Current.Offset;
        var value = new BinaryExpression(found, left, ParseSum(), offset);
        if (ComparisonOperator() is not null)
            throw reader.Error("Comparisons in a chain are not supported; write them with 'and' between.");
        return value;
    }

    /// <summary>Reads a comparison if one is next.</summary>
    private string? ComparisonOperator()
    {
        var token = reader.Current;
        if (token.Type == TokenType.Symbol && token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
            return reader.Next().Text;
        if (reader.SkipName("in"))
            return "in";
        if (!token.IsName("not") || !reader.Following.IsName("in"))
            return null;
        reader.Next();
        reader.Next();
        return "not in";
    }

    private TemplateExpression ParseSum() => ParseChain(ParseJoin, static token => token.Is("+") || token.Is("-"));

    private TemplateExpression ParseJoin() => ParseChain(ParseProduct, static token => token.Is("~"));

    private TemplateExpression ParseProduct() => ParseChain(ParseFiltered, static token => token.Is("*") || token.Is("/") || token.Is("//") || token.Is("%"));

    private TemplateExpression ParseChain(Func<TemplateExpression> parse, Func<TemplateToken, bool> isOperator)
    {
        var left = parse();
        while (isOperator(reader.Current))
        {
            var token = reader.Next();
            reader.CountPart();
            left = new BinaryExpression(token.Text, left, parse(), token.Offset);
        }

        return left;
    }

    /// <summary>A sign belongs to its value before a filter does: <c>-3 | string</c> is <c>"-3"</c>.</summary>
    private TemplateExpression ParseFiltered() => ParseFilters(ParseSigned());

    private TemplateExpression ParseSigned()
    {
        if (!reader.Current.Is("-") && !reader.Current.Is("+"))
            return ParsePostfix(ParsePrimary());
        var token = reader.Next();
        reader.Enter();
        var value = new UnaryExpression(token.Text, ParseSigned(), token.Offset);
        reader.Leave();
        return value;
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        while (true)
        {
            var offset = reader.Current.Offset;
            if (reader.Skip("|"))
            {
                reader.CountPart();
                value = new FilterExpression(value, reader.ExpectName(), reader.Current.Is("(") ? ParseArguments() : Arguments.None, offset);
            }
            else if (reader.SkipName("is"))
            {
                reader.CountPart();
                var isNegated = reader.SkipName("not");
                value = new TestExpression(value, reader.ExpectName(), ParseTestArguments(), isNegated, offset);
            }
            else
            {
                return value;
            }
        }
    }

    private Arguments ParseTestArguments()
    {
        var next = reader.Current;
        if (next.Is("("))
            return ParseArguments();
        var isArgument = next.Type is TokenType.String or TokenType.Integer or TokenType.Float || (next.Type == TokenType.Name && !Keywords.Contains(next.Text)) || next.Is("[");
        return isArgument ? new Arguments(EquatableArray.Create(ParsePostfix(ParsePrimary())), default) : Arguments.None;
    }

    private TemplateExpression ParsePostfix(TemplateExpression value)
    {
        while (true)
        {
            var offset = reader.Current.Offset;
            if (reader.Skip("."))
            {
                value = reader.Current.Type == TokenType.Integer
                    ? new IndexExpression(value, ParsePrimary(), offset)
                    : new MemberExpression(value, reader.ExpectName(), offset);
            }
            else if (reader.Skip("["))
            {
                value = ParseSubscript(value, offset);
            }
            else if (reader.Current.Is("("))
            {
                value = new CallExpression(value, ParseArguments(), value.Offset);
            }
            else
            {
                return value;
            }

            reader.CountPart();
        }
    }

    private TemplateExpression ParseSubscript(TemplateExpression value, int offset)
    {
        var start = reader.Current.Is(":") ? null : Parse();
        if (start is not null && reader.Skip("]"))
            return new IndexExpression(value, start, offset);
        reader.Expect(":");
        var stop = reader.Current.Is(":") || reader.Current.Is("]") ? null : Parse();
        var step = reader.Skip(":") && !reader.Current.Is("]") ? Parse() : null;
        reader.Expect("]");
        return new SliceExpression(value, start, stop, step, offset);
    }

    private Arguments ParseArguments()
    {
        reader.Expect("(");
        var positional = new List<TemplateExpression>();
        var named = new List<NamedArgument>();
        while (!reader.Current.Is(")"))
        {
            reader.CountPart();
            if (reader.Current.Is("*") || reader.Current.Is("**"))
                throw reader.Error("Unpacking arguments is not supported.");
            var offset = reader.Current.Offset;
            if (reader.Current.Type == TokenType.Name && reader.Following.Is("="))
            {
                if (named.Any(argument => reader.Current.IsName(argument.Name)))
                    throw reader.Error($"The argument '{reader.Current.Text}' is given twice.");
                var name = reader.ExpectName();
                reader.Expect("=");
                named.Add(new NamedArgument(name, Parse(), offset));
            }
            else if (named.Count > 0)
            {
                throw reader.Error("Arguments without a name stand before those with one.");
            }
            else
            {
                positional.Add(Parse());
            }

            if (!reader.Skip(","))
                break;
        }

        reader.Expect(")");
        return new Arguments(positional.ToEquatableArray(), named.ToEquatableArray());
    }

    private TemplateExpression ParsePrimary()
    {
        var token = reader.Current;
        switch (token.Type)
        {
            case TokenType.Name when !Keywords.Contains(token.Text):
                return ParseName(reader.Next());
            case TokenType.String:
                var text = "";
                while (reader.Current.Type == TokenType.String)
                    text += reader.Next().Text;
                return new StringExpression(text, token.Offset);
            case TokenType.Integer:
                return new IntegerExpression(long.Parse(reader.Next().Text, CultureInfo.InvariantCulture), token.Offset);
            case TokenType.Float:
                return new FloatExpression(double.Parse(reader.Next().Text, CultureInfo.InvariantCulture), token.Offset);
            case TokenType.Symbol when token.Text is "(" or "[" or "{":
                reader.Next();
                return token.Text == "(" ? ParseParentheses(token.Offset) : token.Text == "[" ? ParseList(token.Offset) : ParseMap(token.Offset);
            default:
                throw reader.Error("A value is expected here.");
        }
    }

    private static TemplateExpression ParseName(TemplateToken token) => token.Text switch
    {
        "true" or "True" => new BooleanExpression(true, token.Offset),
        "false" or "False" => new BooleanExpression(false, token.Offset),
        "none" or "None" => new NoneExpression(token.Offset),
        _ => new NameExpression(token.Text, token.Offset),
    };

    private TemplateExpression ParseParentheses(int offset)
    {
        if (reader.Skip(")"))
            return new ListExpression(default, offset);
        var value = ParseTuple();
        reader.Expect(")");
        return value;
    }

    private TemplateExpression ParseList(int offset)
    {
        var items = new List<TemplateExpression>();
        while (!reader.Current.Is("]"))
        {
            reader.CountPart();
            items.Add(Parse());
            if (!reader.Skip(","))
                break;
        }

        reader.Expect("]");
        return new ListExpression(items.ToEquatableArray(), offset);
    }

    private TemplateExpression ParseMap(int offset)
    {
        var entries = new List<MapEntry>();
        while (!reader.Current.Is("}"))
        {
            reader.CountPart();
            var key = Parse();
            reader.Expect(":");
            entries.Add(new MapEntry(key, Parse()));
            if (!reader.Skip(","))
                break;
        }

        reader.Expect("}");
        return new MapExpression(entries.ToEquatableArray(), offset);
    }
}
