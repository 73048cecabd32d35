using System.Diagnostics;

namespace KernelForge.Text;

/// <summary>
/// Text that remembers which of its characters came from outside (a user's message, a tool's result). Control tokens such as
/// <c>&lt;|im_end|&gt;</c> are recognised only in trusted characters, so nobody can end a turn by typing its marker.
/// </summary>
[DebuggerDisplay("{Text}")]
public sealed class MarkedText : IEquatable<MarkedText>
{
    private readonly TextRange[] _untrusted;

    internal MarkedText(string text, TextRange[] untrusted)
    {
        Text = text;
        _untrusted = untrusted;
    }

    /// <summary>No characters.</summary>
    public static MarkedText Empty { get; } = new("", []);

    /// <summary>The characters.</summary>
    public string Text { get; }

    /// <summary>Number of UTF-16 code units.</summary>
    public int Length => Text.Length;

    /// <summary>Ranges of characters that came from outside: ascending, not empty, not touching each other.</summary>
    public ReadOnlySpan<TextRange> Untrusted => _untrusted;

    /// <summary>Text of the program or of the model's own template.</summary>
    public static MarkedText FromTrusted(string text) => text.Length == 0 ? Empty : new(text, []);

    /// <summary>Text from outside.</summary>
    public static MarkedText FromUntrusted(string text) => text.Length == 0 ? Empty : new(text, [new TextRange(0, text.Length)]);

    /// <summary>Part of the text; its characters stay what they were.</summary>
    public MarkedText Slice(int start, int length)
    {
        if (start == 0 && length == Length)
            return this;
        if (length == 0)
            return Empty;
        var builder = new MarkedTextBuilder(length);
        builder.Append(this, start, length);
        return builder.ToMarkedText();
    }

    /// <summary>Same characters, whoever they came from.</summary>
    public bool Equals(MarkedText? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MarkedText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Characters <see cref="Start"/> to <see cref="End"/> (exclusive).</summary>
/// <param name="Start">The first.</param>
/// <param name="End">Behind the last.</param>
public readonly record struct TextRange(int Start, int End);
