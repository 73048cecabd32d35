namespace KernelForge.Formats.Tokenizers;

/// <summary>Reads the <c>post_processor</c> of <c>tokenizer.json</c>: the tokens around a text.</summary>
internal sealed class PostProcessorReader
{
    private readonly List<int> _before = [];
    private readonly List<int> _after = [];

    /// <summary>Tokens before a text.</summary>
    public IReadOnlyList<int> Before => _before;

    /// <summary>Tokens behind a text.</summary>
    public IReadOnlyList<int> After => _after;

    public static PostProcessorReader Read(TokenizerElement? postProcessor)
    {
        var reader = new PostProcessorReader();
        if (postProcessor is { } component)
            reader.Read(component);
        return reader;
    }

    private void Read(TokenizerElement component)
    {
        switch (component.Type)
        {
            case "Sequence":
                foreach (var item in component.Require("processors").Items())
                    Read(item);
                break;
            case "ByteLevel":
                break;
            case "TemplateProcessing":
                ReadTemplate(component);
                break;
            case "BertProcessing" or "RobertaProcessing":
                _before.Insert(0, IdOf(component.Require("cls")));
                _after.Add(IdOf(component.Require("sep")));
                break;
            case var other:
                throw component.NotSupported($"the post-processor '{other}'");
        }
    }

    private void ReadTemplate(TokenizerElement component)
    {
        var before = new List<int>();
        var seen = false;
        foreach (var piece in component.Require("single").Items())
        {
            if (piece.Find("Sequence") is { } sequence)
            {
                if (seen || sequence.RequiredText("id") != "A")
                    throw piece.NotSupported("a template for one text that holds it twice, or another");
                seen = true;
                continue;
            }

            var name = piece.Require("SpecialToken").RequiredText("id");
            var ids = component.Require("special_tokens").Require(name).Require("ids").Items().Select(static id => id.AsId());
            (seen ? _after : before).AddRange(ids);
        }

        if (!seen)
            throw component.NotSupported("a template without its text");
        _before.InsertRange(0, before);
    }

    // A pair of text and id.
    private static int IdOf(TokenizerElement pair) =>
        pair.Items().ToArray() is [_, var id] ? id.AsId() : throw pair.Error("a token and its id are expected");
}
