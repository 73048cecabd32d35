namespace KernelForge.Generator.ChatTemplates;

/// <summary>Walks over the tokens of a template. Bounds how deep and how long its constructs may be, so that no template can exhaust the stack.</summary>
internal sealed class TokenReader(List<TemplateToken> tokens)
{
    private const int MaximumDepth = 100;
    private const int MaximumParts = 1_000;

    private int _position;
    private int _depth;
    private int _parts;

    /// <summary>The token to be read next.</summary>
    public TemplateToken Current => tokens[_position];

    /// <summary>The token behind it.</summary>
    public TemplateToken Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <summary>Reads a token.</summary>
    public TemplateToken Next()
    {
        var token = Current;
        if (token.Type != TokenType.End)
            _position++;
        return token;
    }

    /// <summary>Reads the given operator if it is next.</summary>
    public bool Skip(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        Next();
        return true;
    }

    /// <summary>Reads the given keyword if it is next.</summary>
    public bool SkipName(string name)
    {
        if (!Current.IsName(name))
            return false;
        Next();
        return true;
    }

    /// <summary>Reads the given operator.</summary>
    public void Expect(string symbol)
    {
        if (!Skip(symbol))
            throw Error($"'{symbol}' is expected here, not {Describe(Current)}.");
    }

    /// <summary>Reads the given keyword.</summary>
    public void ExpectName(string name)
    {
        if (!SkipName(name))
            throw Error($"'{name}' is expected here, not {Describe(Current)}.");
    }

    /// <summary>Reads a name.</summary>
    public string ExpectName() => Current.Type == TokenType.Name ? Next().Text : throw Error($"A name is expected here, not {Describe(Current)}.");

    /// <summary>Reads the name of something that gets a value.</summary>
    public string ExpectVariable() => Current.Text is not ("true" or "True" or "false" or "False" or "none" or "None") || Current.Type != TokenType.Name
        ? ExpectName()
        : throw Error($"'{Current.Text}' is a constant and cannot be set.");

    /// <summary>Reads the end of a tag.</summary>
    public void ExpectClose()
    {
        if (Current.Type != TokenType.Close)
            throw Error($"The tag should end here; {Describe(Current)} is not supported at this place.");
        Next();

        // Parts are counted for each tag.
        _parts = 0;
    }

    /// <summary>Counts a level of nesting that <see cref="Leave"/> ends.</summary>
    public void Enter()
    {
        if (++_depth > MaximumDepth)
            throw Error($"This is nested more than {MaximumDepth} deep.");
    }

    /// <summary>Ends a level of nesting.</summary>
    public void Leave() => _depth--;

    /// <summary>Counts an operator, call or item of the expression in this tag.</summary>
    public void CountPart()
    {
        if (++_parts > MaximumParts)
            throw Error($"This tag has more than {MaximumParts:N0} parts.");
    }

    /// <summary>An error at the next token.</summary>
    public TemplateSyntaxException Error(string message) => new(message, Current.Offset);

    private static string Describe(TemplateToken token) => token.Type switch
    {
        TokenType.End => "the end of the template",
        TokenType.Close => "the end of the tag",
        TokenType.Text => "text",
        TokenType.String => "a text in quotes",
        _ => $"'{token.Text}'",
    };
}
