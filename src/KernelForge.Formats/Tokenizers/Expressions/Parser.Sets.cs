using System.Globalization;

namespace KernelForge.Formats.Tokenizers;

/// <content>Sets of characters: brackets, backslashes, properties.</content>
internal sealed partial class Parser
{
    /// <summary>A set in brackets, behind its '['.</summary>
    private CharacterSet Class()
    {
        if (++_depth > DeepestGroup)
            throw Error("sets are too deep");
        var negative = Take('^');
        CharacterSet? intersection = null;
        var items = new List<CharacterSet>();
        for (var first = true; ; first = false)
        {
            if (_next >= _pattern.Length)
                throw Error("a '[' without its ']'");
            if (Peek() == ']' && !first)
                break;
            if (Peek() == '&' && _next + 1 < _pattern.Length && _pattern[_next + 1] == '&')
            {
                _next += 2;
                intersection = Both(intersection, items);
                items.Clear();
                continue;
            }

            items.Add(ClassItem());
        }

        _next++;
        _depth--;
        var set = Both(intersection, items);
        return negative ? Fold(set).Complement() : set;
    }

    private static CharacterSet Both(CharacterSet? set, List<CharacterSet> items)
    {
        var other = items is [var single] ? single : CharacterSet.Of([.. items.SelectMany(static item => item.Ranges)]);
        return set?.Intersect(other) ?? other;
    }

    private CharacterSet ClassItem()
    {
        if (Take('['))
            return Peek() == ':' ? PosixClass() : Class();
        var item = Take('\\') ? Escape() : CharacterSet.Of(_pattern[_next++]);
        var isRange = _next + 1 < _pattern.Length && Peek() == '-' && _pattern[_next + 1] is not (']' or '[');
        if (!isRange || item.Ranges is not [var single] || single.First != single.Last)
            return item;
        _next++;
        var last = Take('\\') ? Escape() : CharacterSet.Of(_pattern[_next++]);
        return last.Ranges is [var end] && end.First == end.Last && end.First >= single.First
            ? CharacterSet.Range(single.First, end.First)
            : throw Error("a range in a set that does not ascend");
    }

    private CharacterSet PosixClass()
    {
        var end = Array.IndexOf(_pattern, ']', _next);
        var name = end < 0 ? "" : Text(_next, end);
        if (name.Length < 3 || name[^1] != ':' || UnicodeSets.Find(name[1..^1]) is not { } set)
            throw Error($"a set '[{name}]' that is not supported");
        _next = end + 1;
        return set;
    }

    /// <summary>What a backslash, which was read, stands for.</summary>
    private CharacterSet Escape()
    {
        if (_next >= _pattern.Length)
            throw Error("a backslash at the end");
        var character = _pattern[_next++];
        return character switch
        {
            's' => UnicodeSets.Space,
            'S' => UnicodeSets.Space.Complement(),
            'd' => UnicodeSets.Digit,
            'D' => UnicodeSets.Digit.Complement(),
            'w' => UnicodeSets.Word,
            'W' => UnicodeSets.Word.Complement(),
            'p' => Property(negative: false),
            'P' => Property(negative: true),
            'r' => CharacterSet.Of('\r'),
            'n' => CharacterSet.Of('\n'),
            't' => CharacterSet.Of('\t'),
            'f' => CharacterSet.Of('\f'),
            'v' => CharacterSet.Of('\v'),
            'x' or 'u' => CharacterSet.Of(Hexadecimal(character == 'x' ? 2 : 4)),
            _ when character > 0x7F || !char.IsAsciiLetterOrDigit((char)character) => CharacterSet.Of(character),
            _ => throw Error($"'\\{(char)character}' is not supported"),
        };
    }

    private CharacterSet Property(bool negative)
    {
        string name;
        if (Take('{'))
        {
            var end = Array.IndexOf(_pattern, '}', _next);
            if (end < 0)
                throw Error("a '\\p{' without its '}'");
            name = Text(_next, end);
            _next = end + 1;
        }
        else
        {
            name = _next < _pattern.Length ? Text(_next, ++_next) : "";
        }

        if (name.StartsWith('^'))
            (name, negative) = (name[1..], !negative);
        var set = UnicodeSets.Find(name) ?? throw Error($"the property '\\p{{{name}}}' is not supported");
        return negative ? set.Complement() : set;
    }

    private int Hexadecimal(int digits)
    {
        var inBraces = Take('{');
        var start = _next;
        while (_next < _pattern.Length && (inBraces || _next - start < digits) && Uri.IsHexDigit((char)Math.Min(Peek(), char.MaxValue)))
            _next++;
        if (!int.TryParse(Text(start, _next), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) || value > CharacterSet.Last || (inBraces && !Take('}')))
            throw Error("a code point that cannot be read");
        return value;
    }
}
