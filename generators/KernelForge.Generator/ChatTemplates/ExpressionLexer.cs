using System.Globalization;
using System.Text;

namespace KernelForge.Generator.ChatTemplates;

/// <summary>Cuts the inside of a tag into tokens.</summary>
internal sealed class ExpressionLexer(string source, List<TemplateToken> tokens)
{
    private static readonly string[] Symbols =
        ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":"];

    /// <summary>Reads up to and over the closing; returns the place behind it and the sign (<c>-</c>, <c>+</c> or none) before it.</summary>
    public int ReadUntilClose(int position, string close, int opening, out char sign)
    {
        var depth = 0;
        while (position < source.Length)
        {
            var character = source[position];
            if (char.IsWhiteSpace(character))
            {
                position++;
                continue;
            }

            // A brace that closes a dictionary is not the end of the tag.
            if (depth == 0 && IsClose(position, close, out sign, out var length))
            {
                tokens.Add(new TemplateToken(TokenType.Close, close, position));
                return position + length;
            }

            if (character is '\'' or '"')
                position = ReadString(position);
            else if (IsDigit(character))
                position = ReadNumber(position);
            else if (char.IsLetter(character) || character == '_')
                position = ReadName(position);
            else
                position = ReadSymbol(position, ref depth);
        }

        throw new TemplateSyntaxException($"This tag is not closed by '{close}'.", opening);
    }

    private static bool IsDigit(char character) => character is >= '0' and <= '9';

    private bool IsClose(int position, string close, out char sign, out int length)
    {
        sign = source[position] is '-' or '+' && At(position + 1, close) ? source[position] : '\0';
        length = sign == '\0' ? 2 : 3;
        return sign != '\0' || At(position, close);
    }

    private bool At(int position, string text) => string.CompareOrdinal(source, position, text, 0, text.Length) == 0;

    private int ReadName(int position)
    {
        var end = position;
        while (end < source.Length && (char.IsLetterOrDigit(source[end]) || source[end] == '_'))
            end++;
        tokens.Add(new TemplateToken(TokenType.Name, source.Substring(position, end - position), position));
        return end;
    }

    private int ReadNumber(int position)
    {
        var end = position;
        while (end < source.Length && IsDigit(source[end]))
            end++;
        var type = TokenType.Integer;
        if (end + 1 < source.Length && source[end] == '.' && IsDigit(source[end + 1]))
        {
            type = TokenType.Float;
            end++;
            while (end < source.Length && IsDigit(source[end]))
                end++;
        }

        var text = source.Substring(position, end - position);
        if (type == TokenType.Integer && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new TemplateSyntaxException("This number does not fit 64 bits.", position);
        tokens.Add(new TemplateToken(type, text, position));
        return end;
    }

    private int ReadSymbol(int position, ref int depth)
    {
        foreach (var symbol in Symbols)
        {
            if (!At(position, symbol))
                continue;
            if (symbol is "(" or "[" or "{")
                depth++;
            else if (symbol is ")" or "]" or "}")
                depth--;
            if (depth < 0)
                throw new TemplateSyntaxException($"This '{symbol}' closes nothing.", position);
            tokens.Add(new TemplateToken(TokenType.Symbol, symbol, position));
            return position + symbol.Length;
        }

        throw new TemplateSyntaxException($"The character '{source[position]}' has no meaning in a tag.", position);
    }

    /// <summary>Reads a text literal with the escapes of Python; one that Python does not know keeps its backslash.</summary>
    private int ReadString(int start)
    {
        var value = new StringBuilder();
        var position = start + 1;
        while (position < source.Length && source[position] != source[start])
        {
            if (source[position] == '\\' && position + 1 < source.Length)
                position = ReadEscape(position, value);
            else
                value.Append(source[position++]);
        }

        if (position >= source.Length)
            throw new TemplateSyntaxException("This text is not closed.", start);
        tokens.Add(new TemplateToken(TokenType.String, value.ToString().Replace("\r\n", "\n"), start));
        return position + 1;
    }

    private int ReadEscape(int position, StringBuilder value)
    {
        var kind = source[position + 1];
        var digits = kind switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (digits > 0)
        {
            if (position + 2 + digits > source.Length
                || !int.TryParse(source.Substring(position + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                || code > 0x10FFFF || code is >= 0xD800 and <= 0xDFFF)
            {
                throw new TemplateSyntaxException($"'\\{kind}' needs {digits} hexadecimal digits that name a character.", position);
            }

            value.Append(char.ConvertFromUtf32(code));
            return position + 2 + digits;
        }

        if (kind is >= '0' and <= '7')
            return ReadOctal(position + 1, value);
        if (kind == 'N')
            throw new TemplateSyntaxException("Names of characters are not supported; write the character.", position);
        var escaped = kind switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            '\\' or '\'' or '"' => kind.ToString(),
            '\n' => "",
            _ => "\\" + kind,
        };
        value.Append(escaped);
        return position + 2;
    }

    /// <summary>One to three octal digits.</summary>
    private int ReadOctal(int position, StringBuilder value)
    {
        var (code, end) = (0, position);
        while (end < Math.Min(position + 3, source.Length) && source[end] is >= '0' and <= '7')
            code = (code * 8) + source[end++] - '0';
        value.Append((char)code);
        return end;
    }
}
