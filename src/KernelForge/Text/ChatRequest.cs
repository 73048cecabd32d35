using System.Globalization;
using System.Text;

namespace KernelForge.Text;

/// <summary>What a chat template renders.</summary>
public sealed class ChatRequest
{
    /// <summary>The conversation, oldest message first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Whether the text ends with the opening of the assistant's answer.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The text of the token that begins a text, or null when the model has none.</summary>
    public string? BeginOfSequence { get; init; }

    /// <summary>The text of the token that ends a text, or null when the model has none.</summary>
    public string? EndOfSequence { get; init; }

    /// <summary>The clock that <c>strftime_now</c> reads.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.Now;

    /// <summary>Further variables of the template; they come before those of the same name made from the other members.</summary>
    public IReadOnlyDictionary<string, TemplateValue>? Variables { get; init; }

    /// <summary>The value of a name that a template reads without having set it.</summary>
    public TemplateValue this[string name]
    {
        get
        {
            if (Variables?.TryGetValue(name, out var value) == true)
                return value;
            return name switch
            {
                "messages" => TemplateValue.FromMessages(Messages),
                "add_generation_prompt" => AddGenerationPrompt,
                "bos_token" => BeginOfSequence is null ? TemplateValue.Undefined : BeginOfSequence,
                "eos_token" => EndOfSequence is null ? TemplateValue.Undefined : EndOfSequence,
                "tools" or "documents" => TemplateValue.None,
                _ => TemplateValue.Undefined,
            };
        }
    }

    /// <summary>The clock's time in a format of C's <c>strftime</c>.</summary>
    public TemplateValue FormatNow(TemplateValue format)
    {
        var pattern = format.RequireText().Text;
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '%' && i + 1 < pattern.Length)
                text.Append(FormatField(pattern[++i]));
            else
                text.Append(pattern[i]);
        }

        return text.ToString();
    }

    private string FormatField(char field)
    {
        var format = field switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'B' => "MMMM",
            'b' => "MMM",
            'A' => "dddd",
            'a' => "ddd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'p' => "tt",
            'F' => "yyyy-MM-dd",
            'T' => "HH:mm:ss",
            '%' => "\\%",
            _ => throw new ChatTemplateException($"The template asks for the time as '%{field}', which is not supported."),
        };
        return Now.ToString(format, CultureInfo.InvariantCulture);
    }
}
