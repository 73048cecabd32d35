namespace KernelForge.Text;

/// <summary>What a chat template renders.</summary>
public sealed class ChatRequest
{
    private readonly DateTimeOffset? _now;

    /// <summary>The conversation, oldest message first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Whether the text ends with the opening of the assistant's answer.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The text of the token that begins a text, or null when the model has none.</summary>
    public string? BeginOfSequence { get; init; }

    /// <summary>The text of the token that ends a text, or null when the model has none.</summary>
    public string? EndOfSequence { get; init; }

    /// <summary>The clock that <c>strftime_now</c> reads.</summary>
    /// <remarks>Read when asked for: the first look at the local time loads the time zones, which few templates need.</remarks>
    public DateTimeOffset Now
    {
        get => _now ?? DateTimeOffset.Now;
        init => _now = value;
    }

    /// <summary>Further variables of the template.</summary>
    public IReadOnlyDictionary<string, TemplateValue>? Variables { get; init; }
}
