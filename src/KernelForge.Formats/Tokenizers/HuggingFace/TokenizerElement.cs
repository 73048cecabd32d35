using System.Buffers;
using System.Text;
using System.Text.Json;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A value of <c>tokenizer.json</c> and where it stands, so that an error can say so. null counts as missing.</summary>
internal readonly record struct TokenizerElement(string File, string Path, JsonElement Value)
{
    /// <summary>The component's name: its <c>type</c>.</summary>
    public string Type => RequiredText("type");

    /// <summary>A member, or null.</summary>
    public TokenizerElement? Find(string key)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Error("an object is expected");
        return Value.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? this with { Path = Path.Length == 0 ? key : $"{Path}.{key}", Value = value }
            : null;
    }

    public TokenizerElement Require(string key) => Find(key) ?? throw new ModelFormatException(File, "a required key is missing", Path.Length == 0 ? key : $"{Path}.{key}");

    public string AsText() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Error("text is expected");

    public int AsId() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var id) && id >= 0 ? id : throw Error("a token id is expected");

    public double AsNumber() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw Error("a number is expected");

    /// <summary>What stands for a space in a component of the type Metaspace: one character.</summary>
    public string SpaceMark()
    {
        var mark = Text("replacement") ?? TokenizerStep.SpaceMark;
        return Rune.DecodeFromUtf16(mark, out _, out var length) == OperationStatus.Done && length == mark.Length
            ? mark
            : throw Require("replacement").Error("one character is expected");
    }

    public string? Text(string key) => Find(key)?.AsText();

    public string RequiredText(string key) => Require(key).AsText();

    public bool Flag(string key, bool absent) => Find(key) is not { } value ? absent : value.Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw value.Error("true or false is expected"),
    };

    /// <summary>The items of a list.</summary>
    public IEnumerable<TokenizerElement> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Error("a list is expected");
        return Enumerate(this);

        static IEnumerable<TokenizerElement> Enumerate(TokenizerElement list)
        {
            var index = 0;
            foreach (var value in list.Value.EnumerateArray())
                yield return list with { Path = $"{list.Path}[{index++}]", Value = value };
        }
    }

    /// <summary>The members of an object.</summary>
    public IEnumerable<(string Name, TokenizerElement Value)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Error("an object is expected");
        return Enumerate(this);

        static IEnumerable<(string, TokenizerElement)> Enumerate(TokenizerElement parent)
        {
            foreach (var member in parent.Value.EnumerateObject())
                yield return (member.Name, parent with { Path = $"{parent.Path}.{member.Name}", Value = member.Value });
        }
    }

    /// <summary>The error that something here is wrong.</summary>
    public ModelFormatException Error(string problem) => new(File, problem, Path);

    /// <summary>The error that a component is not supported.</summary>
    public ModelFormatException NotSupported(string what) => new(File, $"{what} is not supported", Path, remedy: "Use a model with another tokenizer.");
}
