using System.Text;

namespace KernelForge.Text;

/// <summary>Puts a <see cref="MarkedText"/> together; every piece keeps its marks. The length is bounded.</summary>
public sealed class MarkedTextBuilder
{
    /// <summary>Characters that a text may have: far more than any context, and few enough that a hostile template cannot fill the memory.</summary>
    public const int MaximumLength = 1 << 25;

    private readonly StringBuilder _text;
    private readonly List<TextRange> _untrusted = [];

    /// <summary>An empty text with room for <paramref name="capacity"/> characters.</summary>
    public MarkedTextBuilder(int capacity = 16) => _text = new StringBuilder(capacity);

    /// <summary>Characters so far.</summary>
    public int Length => _text.Length;

    /// <summary>Appends characters of the program or the template.</summary>
    public void AppendTrusted(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        _text.Append(text);
    }

    /// <summary>Appends characters from outside.</summary>
    public void AppendUntrusted(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        Mark(_text.Length, _text.Length + text.Length);
        _text.Append(text);
    }

    /// <summary>Appends characters under the mark of the character they were made from.</summary>
    public void Append(ReadOnlySpan<char> text, bool trusted)
    {
        if (trusted)
            AppendTrusted(text);
        else
            AppendUntrusted(text);
    }

    /// <summary>Appends a text with its marks.</summary>
    public void Append(MarkedText text) => Append(text, 0, text.Length);

    /// <summary>Appends a part of a text with its marks.</summary>
    public void Append(MarkedText text, int start, int length)
    {
        Reserve(length);
        var offset = _text.Length - start;
        var ranges = text.Untrusted;
        for (var i = FirstBehind(ranges, start); i < ranges.Length && ranges[i].Start < start + length; i++)
            Mark(Math.Max(ranges[i].Start, start) + offset, Math.Min(ranges[i].End, start + length) + offset);
        _text.Append(text.Text, start, length);
    }

    /// <summary>The text so far.</summary>
    public MarkedText ToMarkedText() => _text.Length == 0 ? MarkedText.Empty : new MarkedText(_text.ToString(), [.. _untrusted]);

    private void Mark(int start, int end)
    {
        if (start >= end)
            return;
        if (_untrusted.Count > 0 && _untrusted[^1].End == start)
            _untrusted[^1] = new TextRange(_untrusted[^1].Start, end);
        else
            _untrusted.Add(new TextRange(start, end));
    }

    // The first range that ends behind a place; ranges ascend.
    private static int FirstBehind(ReadOnlySpan<TextRange> ranges, int start)
    {
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].End > start)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void Reserve(int count)
    {
        TemplateWork.Charge(1 + count);
        if (count > MaximumLength - _text.Length)
            throw new ChatTemplateException($"The chat template makes a text of more than {MaximumLength:N0} characters.");
    }
}
