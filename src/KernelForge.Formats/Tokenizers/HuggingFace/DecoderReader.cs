namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>decoder</c> of <c>tokenizer.json</c>: what a token's spelling stands for in a text.</summary>
internal sealed class DecoderReader
{
    private DecoderReader()
    {
    }

    /// <summary>What stands for a space, or null.</summary>
    public string? SpaceMark { get; private set; }

    /// <summary>Whether spellings such as <c>&lt;0x0A&gt;</c> stand for a byte.</summary>
    public bool HasBytes { get; private set; }

    /// <summary>Whether the first token of a text loses its space.</summary>
    public bool StripsFirstSpace { get; private set; }

    /// <summary>Whether spaces before punctuation go (WordPiece).</summary>
    public bool CleansSpaces { get; private set; }

    public static DecoderReader Read(TokenizerElement? decoder)
    {
        var reader = new DecoderReader();
        if (decoder is { } component)
            reader.Read(component);
        return reader;
    }

    private void Read(TokenizerElement component)
    {
        switch (component.Type)
        {
            case "Sequence":
                foreach (var item in component.Require("decoders").Items())
                    Read(item);
                break;
            case "ByteLevel" or "Fuse":
                break;
            case "ByteFallback":
                HasBytes = true;
                break;
            case "Metaspace":
                SpaceMark = component.SpaceMark();
                StripsFirstSpace = (component.Text("prepend_scheme") ?? "always") != "never" && component.Flag("add_prefix_space", absent: true);
                break;
            case "Replace" when component.RequiredText("content") == " ":
                var pattern = component.Require("pattern");
                SpaceMark = pattern.Text("String") ?? throw component.NotSupported("a decoder that replaces by a regular expression");
                if (SpaceMark.Length == 0)
                    throw pattern.Error("the text that stands for a space is empty");
                break;
            case "Strip" when component.RequiredText("content") == " " && component.Require("start").AsNumber() <= 1 && component.Require("stop").AsNumber() == 0:
                StripsFirstSpace = component.Require("start").AsNumber() == 1;
                break;
            case "WordPiece":
                StripsFirstSpace = true;
                CleansSpaces = component.Flag("cleanup", absent: true);
                break;
            case var other:
                throw component.NotSupported($"the decoder '{other}' with these settings");
        }
    }
}
