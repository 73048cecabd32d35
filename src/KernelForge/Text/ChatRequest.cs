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

    /// <summary>Further variables of the template.</summary>
    public IReadOnlyDictionary<string, TemplateValue>? Variables { get; init; }
}
