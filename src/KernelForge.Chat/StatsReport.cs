using KernelForge.Runtime;

namespace KernelForge.Chat;

/// <summary>What an answer took, on standard error.</summary>
internal static class StatsReport
{
    /// <summary>Writes the report; measures the memory roof now, with the model's own threads on its own weights.</summary>
    public static void Write(LanguageModel model, Conversation conversation, TimeSpan? startToFirstText)
    {
        var stats = conversation.Stats;
        var roof = MemoryRoof.Measure(model);
        var bytes = model.Description.BytesPerToken;
        var read = stats.DecodeTokensPerSecond * bytes;
        var error = Console.Error;
        error.WriteLine();
        error.WriteLine($"first token  {stats.TimeToFirstToken.TotalMilliseconds:F1} ms after the message; {startToFirstText?.TotalMilliseconds:F1} ms after the program's start for its first answer");
        error.WriteLine($"prefill      {stats.PrefilledTokens} new of {stats.PromptTokens} tokens, {stats.PrefillTokensPerSecond:F0} tokens/s");
        error.WriteLine($"decode       {stats.GeneratedTokens} tokens, {stats.DecodeTokensPerSecond:F1} tokens/s, {read / 1e9:F1} GB/s of weights");
        error.WriteLine($"memory roof  {roof / 1e9:F1} GB/s now; decode is at {(roof > 0 ? read / roof : 0):P0}");
        error.WriteLine($"model        {model.Description.ClassName}, {bytes / 1e6:F1} MB a token, {model.Kernels}, {model.Threads} threads, cache {model.Cache}, context {conversation.ContextUsed} of {model.Context}");
        error.WriteLine($"ended by     {stats.Finish}");
    }
}
