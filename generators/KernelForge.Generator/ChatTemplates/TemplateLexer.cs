using System.Text;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>
/// Cuts a template into tokens, as Jinja does with <c>trim_blocks</c> and <c>lstrip_blocks</c>: one line end behind a tag and the indentation before it
/// are dropped, <c>-</c> strips all white space on its side, one line end at the very end is dropped.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _position;
    private bool _atLineStart = true;

    private TemplateLexer(string source) => _source = source;

    /// <summary>The tokens of a template; the last is <see cref="TokenType.End"/>.</summary>
    public static List<TemplateToken> Read(string source)
    {
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        var end = _source.EndsWith("\n", StringComparison.Ordinal) ? _source.Length - 1 : _source.Length;
        while (_position < end)
        {
            var open = NextOpening(_position, end);
            var kind = open < end ? _source[open + 1] : '\0';
            AddText(_position, open, kind);
            _position = open;
            if (kind == '#')
                SkipComment();
            else if (kind != '\0')
                ReadTag(kind);
        }

        _tokens.Add(new TemplateToken(TokenType.End, "", _source.Length));
    }

    private int NextOpening(int from, int end)
    {
        for (var i = from; i + 1 < end; i++)
        {
            if (_source[i] == '{' && _source[i + 1] is ('{' or '%' or '#'))
                return i;
        }

        return end;
    }

    /// <summary>Adds the text before an opening of the given kind, less what the opening strips.</summary>
    private void AddText(int start, int end, char kind)
    {
        var sign = end + 2 < _source.Length && kind != '\0' ? _source[end + 2] : '\0';
        var last = end;
        if (sign == '-')
        {
            while (last > start && char.IsWhiteSpace(_source[last - 1]))
                last--;
        }
        else if (sign != '+' && kind is ('%' or '#'))
        {
            var line = end;
            while (line > start && _source[line - 1] is (' ' or '\t'))
                line--;
            if (line > start ? _source[line - 1] == '\n' : _atLineStart)
                last = line;
        }

        if (last > start)
            _tokens.Add(new TemplateToken(TokenType.Text, _source.Substring(start, last - start).Replace("\r\n", "\n"), start));
    }

    private void SkipComment()
    {
        var close = _source.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (close < 0)
            throw new TemplateSyntaxException("This comment is not closed.", _position);
        var strips = _source[close - 1] == '-' && close - 1 > _position + 1;
        _position = close + 2;
        AfterClose(strips, keepsLineEnd: false);
    }

    private void ReadTag(char kind)
    {
        var isOutput = kind == '{';
        var opening = _position;
        _tokens.Add(new TemplateToken(isOutput ? TokenType.OpenOutput : TokenType.OpenTag, _source.Substring(opening, 2), opening));
        _position += 2;
        if (_position < _source.Length && _source[_position] is ('-' or '+'))
            _position++;

        var expressions = new ExpressionLexer(_source, _tokens);
        _position = expressions.ReadUntilClose(_position, isOutput ? "}}" : "%}", opening, out var sign);
        AfterClose(sign == '-', keepsLineEnd: isOutput || sign == '+');
    }

    /// <summary>Drops what a closing strips of the text behind it.</summary>
    private void AfterClose(bool strips, bool keepsLineEnd)
    {
        _atLineStart = false;
        if (strips)
        {
            while (_position < _source.Length && char.IsWhiteSpace(_source[_position]))
                _atLineStart = _source[_position++] == '\n';
        }
        else if (!keepsLineEnd)
        {
            if (_position + 1 < _source.Length && _source[_position] == '\r' && _source[_position + 1] == '\n')
                _position++;
            if (_position < _source.Length && _source[_position] == '\n')
            {
                _position++;
                _atLineStart = true;
            }
        }
    }
}
