namespace KernelForge.Text;

/// <summary>One message of a conversation, as the chat template sees it. All of its text counts as coming from outside.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record ChatMessage(string Role, string Content);
