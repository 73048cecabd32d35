using System.Globalization;

namespace KernelForge.Text;

public sealed partial class TemplateValue
{
    private const string WhiteSpace = " \t\n\r\v\f\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    /// <summary>The text without white space, or the given characters, at both ends.</summary>
    public TemplateValue Trim(TemplateValue? characters = null) => Trim(characters, atStart: true, atEnd: true);

    /// <summary>The text without white space, or the given characters, at its start.</summary>
    public TemplateValue TrimStart(TemplateValue? characters = null) => Trim(characters, atStart: true, atEnd: false);

    /// <summary>The text without white space, or the given characters, at its end.</summary>
    public TemplateValue TrimEnd(TemplateValue? characters = null) => Trim(characters, atStart: false, atEnd: true);

    /// <summary>Upper case, character by character.</summary>
    public TemplateValue ToUpper() => MapCharacters(static (c, _) => char.ToUpperInvariant(c));

    /// <summary>Lower case, character by character.</summary>
    public TemplateValue ToLower() => MapCharacters(static (c, _) => char.ToLowerInvariant(c));

    /// <summary>First character upper, the rest lower case.</summary>
    public TemplateValue Capitalize() => MapCharacters(static (c, previous) => previous is null ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));

    /// <summary>Every run of letters with an upper-case first letter, as Python's method does it: <c>They'Re</c>.</summary>
    public TemplateValue Title() => MapCharacters(static (c, previous) =>
        previous is { } before && char.IsLetter(before) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));

    /// <summary>Every word with an upper-case first letter, as Jinja's filter does it: <c>They're</c>.</summary>
    public TemplateValue TitleWords() => MapCharacters(static (c, previous) =>
        previous is { } before && before is not ('-' or '(' or '{' or '[' or '<') && !IsWhiteSpace(before) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));

    /// <summary>Whether the text starts with another.</summary>
    public bool StartsWith(TemplateValue prefix) => RequireText().Text.StartsWith(prefix.RequireText().Text, StringComparison.Ordinal);

    /// <summary>Whether the text ends with another.</summary>
    public bool EndsWith(TemplateValue suffix) => RequireText().Text.EndsWith(suffix.RequireText().Text, StringComparison.Ordinal);

    /// <summary>The printed value.</summary>
    public TemplateValue ToText() => IsText ? this : FromText(ToMarkedText());

    /// <summary>Every occurrence of one text exchanged for another.</summary>
    public TemplateValue Replace(TemplateValue old, TemplateValue with)
    {
        var text = ToMarkedText();
        var (search, replacement) = (old.RequireText().Text, with.ToMarkedText());
        if (search.Length == 0)
            throw new ChatTemplateException("The template replaces an empty text.");
        var builder = new MarkedTextBuilder(text.Length);
        var done = 0;
        for (var place = IndexOf(text.Text, search, 0); place >= 0; place = IndexOf(text.Text, search, done))
        {
            builder.Append(text, done, place - done);
            builder.Append(replacement);
            done = place + search.Length;
        }

        builder.Append(text, done, text.Length - done);
        return FromText(builder.ToMarkedText());
    }

    /// <summary>The parts between separators (or runs of white space), at most <paramref name="most"/> + 1 of them.</summary>
    public TemplateValue Split(TemplateValue? separator = null, TemplateValue? most = null)
    {
        var text = RequireText();
        var limit = most is null ? -1 : most.Integer("a number of splits");
        if (separator is null || separator.IsNone)
            return FromList(SplitWords(text, limit));
        var mark = separator.RequireText().Text;
        if (mark.Length == 0)
            throw new ChatTemplateException("The template splits at an empty text.");
        var parts = new List<TemplateValue>();
        var done = 0;
        for (var place = IndexOf(text.Text, mark, 0); place >= 0 && parts.Count != limit; place = IndexOf(text.Text, mark, done))
        {
            parts.Add(FromText(text.Slice(done, place - done)));
            done = place + mark.Length;
        }

        parts.Add(FromText(text.Slice(done, text.Length - done)));
        return FromList(parts);
    }

    /// <summary>The items as one text with a separator between.</summary>
    public TemplateValue Join(TemplateValue? separator = null)
    {
        var builder = new MarkedTextBuilder();
        var isFirst = true;
        foreach (var item in Enumerate())
        {
            if (!isFirst && separator is not null)
                builder.Append(separator.ToMarkedText());
            builder.Append(item.ToMarkedText());
            isFirst = false;
        }

        return FromText(builder.ToMarkedText());
    }

    /// <summary>The integer of a number or of a text that spells one, else 0.</summary>
    public TemplateValue ToInteger() => Kind switch
    {
        TemplateKind.Integer or TemplateKind.Boolean => _integer,
        TemplateKind.Float when Math.Abs(_float) < 9e18 => (long)_float,
        TemplateKind.Text when long.TryParse(AsText.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        TemplateKind.Text when ToFloat()._float is var number && Math.Abs(number) < 9e18 => (long)number,
        TemplateKind.Undefined => throw Unfit("is no number"),
        _ => 0,
    };

    /// <summary>The floating-point number of a number or of a text that spells one, else 0.</summary>
    public TemplateValue ToFloat() => Kind switch
    {
        TemplateKind.Integer or TemplateKind.Boolean => (double)_integer,
        TemplateKind.Float => this,
        TemplateKind.Text when double.TryParse(AsText.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        TemplateKind.Undefined => throw Unfit("is no number"),
        _ => 0.0,
    };

    internal MarkedText RequireText() => IsText ? AsText : throw Unfit("is no text");

    private static List<TemplateValue> SplitWords(MarkedText text, long limit)
    {
        var words = new List<TemplateValue>();
        var start = 0;
        while (true)
        {
            while (start < text.Length && IsWhiteSpace(text.Text[start]))
                start++;
            if (start == text.Length)
                return words;
            var end = start;
            while (end < text.Length && (words.Count == limit || !IsWhiteSpace(text.Text[end])))
                end++;
            words.Add(FromText(text.Slice(start, end - start)));
            start = end;
        }
    }

    // The search is quadratic in the worst case: as much is charged for what it has looked through.
    private static int IndexOf(string text, string part, int start)
    {
        var place = text.IndexOf(part, start, StringComparison.Ordinal);
        TemplateWork.Charge(1 + (((place < 0 ? text.Length : place) - start) * (1L + (part.Length / 8)) / 16));
        return place;
    }

    private static bool IsWhiteSpace(char character) => WhiteSpace.Contains(character, StringComparison.Ordinal);

    private TemplateValue Trim(TemplateValue? characters, bool atStart, bool atEnd)
    {
        var text = ToMarkedText();
        var dropped = characters is null || characters.IsNone ? WhiteSpace : characters.RequireText().Text;
        var (start, end) = (0, text.Length);
        TemplateWork.Charge((long)text.Length * dropped.Length / 256);
        while (atStart && start < end && dropped.Contains(text.Text[start], StringComparison.Ordinal))
            start++;
        while (atEnd && end > start && dropped.Contains(text.Text[end - 1], StringComparison.Ordinal))
            end--;
        return FromText(text.Slice(start, end - start));
    }

    /// <summary>Maps each character, told the one before it; every character keeps its mark.</summary>
    private TemplateValue MapCharacters(Func<char, char?, char> map)
    {
        var text = ToMarkedText();
        TemplateWork.Charge(text.Length);
        var mapped = new char[text.Length];
        for (var i = 0; i < mapped.Length; i++)
            mapped[i] = map(text.Text[i], i == 0 ? null : text.Text[i - 1]);
        return FromText(new MarkedText(new string(mapped), text.Untrusted.ToArray()));
    }
}
