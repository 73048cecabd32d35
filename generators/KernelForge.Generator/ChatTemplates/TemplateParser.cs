namespace KernelForge.Generator.ChatTemplates;

/// <summary>Parses a template's statements.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _reader;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(string source)
    {
        _reader = new TokenReader(TemplateLexer.Read(source));
        _expressions = new ExpressionParser(_reader);
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateSyntaxException">It is wrong or uses something that is not supported.</exception>
    public static EquatableArray<TemplateStatement> Parse(string source)
    {
        var parser = new TemplateParser(source);
        var body = parser.ParseBody();
        if (parser._reader.Current.Type != TokenType.End)
            throw parser._reader.Error($"'{parser._reader.Following.Text}' ends nothing here.");
        return body;
    }

    /// <summary>Statements up to a tag that none of them begins with: an <c>end...</c>, an <c>else</c>, or the end of the template.</summary>
    private EquatableArray<TemplateStatement> ParseBody()
    {
        _reader.Enter();
        var statements = new List<TemplateStatement>();
        while (true)
        {
            var token = _reader.Current;
            if (token.Type == TokenType.Text)
            {
                _reader.Next();
                statements.Add(new TextStatement(token.Text, token.Offset));
            }
            else if (token.Type == TokenType.OpenOutput)
            {
                _reader.Next();
                var value = _expressions.ParseTuple();
                _reader.ExpectClose();
                statements.Add(new OutputStatement(value, token.Offset));
            }
            else if (token.Type == TokenType.OpenTag && !EndsBody(_reader.Following))
            {
                _reader.Next();
                ParseTag(token.Offset, statements);
            }
            else
            {
                _reader.Leave();
                return statements.ToEquatableArray();
            }
        }
    }

    private static bool EndsBody(TemplateToken name) =>
        name.Type == TokenType.Name && (name.Text is "elif" or "else" || name.Text.StartsWith("end", StringComparison.Ordinal));

    private void ParseTag(int offset, List<TemplateStatement> statements)
    {
        var name = _reader.Current;
        switch (_reader.ExpectName())
        {
            case "if":
                statements.Add(ParseIf(offset));
                break;
            case "for":
                statements.Add(ParseFor(offset));
                break;
            case "set":
                statements.Add(ParseSet(offset));
                break;
            case "macro":
                statements.Add(ParseMacro(offset));
                break;
            case "break" or "continue":
                if (_loops == 0)
                    throw new TemplateSyntaxException($"'{name.Text}' stands in no loop.", name.Offset);
                _reader.ExpectClose();
                statements.Add(new JumpStatement(name.Text == "break", offset));
                break;
            case "generation":
                // Marks what a trainer learns from; for rendering it is just its body.
                _reader.ExpectClose();
                statements.AddRange(ParseBody());
                End("endgeneration", offset);
                break;
            default:
                throw new TemplateSyntaxException($"The tag '{name.Text}' is not supported.", name.Offset);
        }
    }

    private IfStatement ParseIf(int offset)
    {
        var branches = new List<IfBranch>();
        do
        {
            var condition = _expressions.Parse();
            _reader.ExpectClose();
            branches.Add(new IfBranch(condition, ParseBody()));
        }
        while (SkipTag("elif"));

        var otherwise = ParseElse();
        End("endif", offset);
        return new IfStatement(branches.ToEquatableArray(), otherwise, offset);
    }

    private ForStatement ParseFor(int offset)
    {
        var targets = new List<string>();
        var inParentheses = _reader.Skip("(");
        do
        {
            targets.Add(_reader.ExpectVariable());
        }
        while (_reader.Skip(","));

        if (inParentheses)
            _reader.Expect(")");
        _reader.ExpectName("in");
        var items = _expressions.ParseOr();
        var filter = _reader.SkipName("if") ? _expressions.Parse() : null;
        if (_reader.Current.IsName("recursive"))
            throw _reader.Error("Recursive loops are not supported.");
        _reader.ExpectClose();
        _loops++;
        var body = ParseBody();
        _loops--;
        var otherwise = ParseElse();
        End("endfor", offset);
        return new ForStatement(targets.ToEquatableArray(), items, filter, body, otherwise, offset);
    }

    private TemplateStatement ParseSet(int offset)
    {
        var name = _reader.ExpectVariable();
        var attribute = _reader.Skip(".") ? _reader.ExpectName() : null;
        if (_reader.Skip("="))
        {
            var value = _expressions.ParseTuple();
            _reader.ExpectClose();
            return new SetStatement(name, attribute, value, offset);
        }

        if (attribute is not null || _reader.Current.Type != TokenType.Close)
            throw _reader.Error("'=' is expected here; setting several names at once, and filters on a block, are not supported.");
        _reader.ExpectClose();
        var body = ParseBody();
        End("endset", offset);
        return new CaptureStatement(name, body, offset);
    }

    private MacroStatement ParseMacro(int offset)
    {
        var name = _reader.ExpectName();
        var parameters = new List<MacroParameter>();
        _reader.Expect("(");
        while (!_reader.Current.Is(")"))
        {
            if (parameters.Any(parameter => _reader.Current.IsName(parameter.Name)))
                throw _reader.Error($"The macro '{name}' has two parameters '{_reader.Current.Text}'.");
            parameters.Add(new MacroParameter(_reader.ExpectVariable(), _reader.Skip("=") ? _expressions.Parse() : null));
            if (!_reader.Skip(","))
                break;
        }

        _reader.Expect(")");
        _reader.ExpectClose();

        // A macro inside a loop is not part of the loop.
        var loops = _loops;
        _loops = 0;
        var body = ParseBody();
        _loops = loops;
        End("endmacro", offset);
        return new MacroStatement(name, parameters.ToEquatableArray(), body, offset);
    }

    private EquatableArray<TemplateStatement> ParseElse()
    {
        if (!SkipTag("else"))
            return default;
        _reader.ExpectClose();
        return ParseBody();
    }

    private bool SkipTag(string name)
    {
        if (_reader.Current.Type != TokenType.OpenTag || !_reader.Following.IsName(name))
            return false;
        _reader.Next();
        _reader.Next();
        return true;
    }

    private void End(string name, int offset)
    {
        if (!SkipTag(name))
            throw new TemplateSyntaxException($"This tag has no '{name}'.", offset);

        // Jinja allows a macro's name to be repeated at its end.
        if (name == "endmacro" && _reader.Current.Type == TokenType.Name)
            _reader.Next();
        _reader.ExpectClose();
    }
}
